"""Files damaged at random, for unforeseen faults."""

from __future__ import annotations

import copy
import json
import random
from typing import Any

from .base import HEIGHT, WIDTH, content, square

_PIXELS = WIDTH * HEIGHT
_NUMBERS = [0, -1, 1, 2**31, 2**53 + 1, 2**64, 10**30, 0.5, -0.0, 1e308]
_NOT_NUMBERS = [float("nan"), float("inf"), None, True, False, "", "1", "b'ab'", "\ud800", "\0"]
_NAMES = ["../x", "/etc/x", "é" * 200, "a\nb"]
_LISTS: list[Any] = [[], {}, [[]], [None], [1, 2, 3, 4], [[1, 2, 3, 4, 5, 6]], [[1e300] * 6]]
_SHAPES: list[Any] = [
    [[0, 0, 9, 9, 9, 0, 0, 9]],
    [square(60, 30, 40)],
    {"size": [HEIGHT, WIDTH], "counts": [_PIXELS]},
    {"size": [HEIGHT, WIDTH], "counts": "0"},
    {"size": [HEIGHT, WIDTH], "counts": [-1, _PIXELS + 1]},
    {"size": [HEIGHT, WIDTH], "counts": "\x7f"},
    {"size": [1, 1], "counts": "@@"},
    {"counts": [1]},
]
_OWN: list[Any] = [
    {"valid_box": [0, 0, 1, 1]},
    {"repeat_of": [1]},
    {"background_image_id": "x"},
    {
        "made_of": [
            7,
            {"role": "donor", "json": "a.json", "image_id": 1, "file_name": "../a", "sha256": "x"},
        ]
    },
    {"ignore_category_ids": [1]},
    {"made_by": 3},
]
ODD = [*_NUMBERS, *_NOT_NUMBERS, *_NAMES, *_LISTS, *_SHAPES, *_OWN]
KEYS = (
    *("id", "image_id", "category_id", "segmentation", "area", "bbox", "iscrowd", "trashdata"),
    *("file_name", "width", "height", "name", "info", "images", "annotations", "categories", "x"),
)
_PIECES = (b'"', b"[", b"]", b"{", b"}", b"NaN", b"1e999", b"\\ud83d", b"\xff", b",", b"9" * 30)


def mutated(seed: int) -> bytes:
    """The sound set's JSON with a few random changes; most are still JSON."""
    rng = random.Random(seed)
    made = content()
    if rng.random() < 0.8:
        for _ in range(rng.choice((1, 1, 1, 2, 3))):
            change(made, rng)
        return json.dumps(made).encode()
    return _bytes_changed(json.dumps(made).encode(), rng)


def _places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else ()
    if isinstance(value, list):
        inner = enumerate(value)
    return [path, *(place for key, item in inner for place in _places(item, (*path, key)))]


def change(made: Any, rng: random.Random) -> None:
    """Set, drop or add one value somewhere inside."""
    *path, last = rng.choice([place for place in _places(made) if place])
    holder = made
    for key in path:
        holder = holder[key]
    action = rng.random()
    if action < 0.6:
        holder[last] = copy.deepcopy(rng.choice(ODD))
    elif action < 0.75:
        del holder[last]
    elif isinstance(holder, dict):
        holder[rng.choice(KEYS)] = copy.deepcopy(rng.choice(ODD))
    else:
        holder.append(copy.deepcopy(rng.choice([*holder, *ODD])))


def _bytes_changed(text: bytes, rng: random.Random) -> bytes:
    changed = bytearray(text)
    for _ in range(rng.choice((1, 1, 2, 8))):
        place, action = rng.randrange(len(changed)), rng.random()
        if action < 0.4:
            changed[place] = rng.randrange(256)
        elif action < 0.6:
            del changed[place : place + rng.randrange(1, 9)]
        else:
            changed[place:place] = rng.choice(_PIECES)
    return bytes(changed)
