"""Finding the fault in a file that the fast path could not read."""

from __future__ import annotations

import codecs
import json
import math
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from trashdata.coco.faults import refuse
from trashdata.errors import UserError, printable

LISTS = ("images", "annotations", "categories")
_CHUNK = 1 << 20
_SINGULAR = {"images": "image", "annotations": "annotation", "categories": "category"}


def load_leniently(path: Path, content: bytes) -> dict[str, Any]:
    """The JSON object as Python reads it: NaN, Infinity and lone surrogates pass.

    Raises
    ------
    UserError : the content is no JSON object in UTF-8.
    """
    try:
        loaded = json.loads(content.decode("utf-8"))
    except UnicodeDecodeError as problem:
        found = f"a byte that is not UTF-8 at byte {problem.start}"
        raise refuse("not-json", path.name, found) from None
    except json.JSONDecodeError as problem:
        found = f"{problem.msg} at line {problem.lineno}, column {problem.colno}"
        raise refuse("not-json", path.name, found) from None
    except RecursionError:
        raise refuse("not-json", path.name, "lists nested without end") from None
    except ValueError:
        raise refuse("not-json", path.name, "a number of thousands of digits") from None
    if not isinstance(loaded, dict):
        raise refuse("not-json", path.name, f"a {type(loaded).__name__} at the top")
    return loaded


def check_utf8(path: Path, content: bytes) -> None:
    """Refuse text that is not UTF-8, also in values that are not decoded, without a full copy."""
    if content.isascii():
        return
    decoder = codecs.getincrementaldecoder("utf-8")()
    for start in range(0, len(content), _CHUNK):
        try:
            decoder.decode(content[start : start + _CHUNK], final=start + _CHUNK >= len(content))
        except UnicodeDecodeError as problem:
            # The decoder may have kept up to three bytes of the chunk before.
            position = start + problem.start - (3 if start else 0)
            found = f"a byte that is not UTF-8 near byte {position}"
            raise refuse("not-json", path.name, found) from None


def diagnose_json(path: Path, content: bytes, error: Exception) -> UserError:
    """Find the record that holds NaN or broken text, or the position where the JSON ends early."""
    try:
        loaded = load_leniently(path, content)
    except UserError as problem:
        return problem
    for key, value in loaded.items():
        if holds_surrogate(key):
            where = f"{path.name}: the key {printable(key)}"
            return refuse("text-broken", where, "half a character (a lone surrogate)")
        records = value if key in LISTS and isinstance(value, list) else [value]
        for record in records:
            name = f"{singular(key)} {id_of(record)}" if key in LISTS else printable(key)
            where = f"{path.name}: {name}"
            if holds_non_finite(record):
                return refuse("not-a-number", where, "NaN or Infinity")
            if holds_surrogate(record):
                return refuse("text-broken", where, "half a character (a lone surrogate)")
    return refuse("not-json", path.name, printable(str(error)))


def holds_non_finite(value: object) -> bool:
    """Whether a value read from JSON is or contains NaN or an infinite number."""
    if isinstance(value, float):
        return not math.isfinite(value)
    return any(map(holds_non_finite, _items(value)))


def holds_surrogate(value: object) -> bool:
    """Whether a value read from JSON is or contains text that UTF-8 can't hold."""
    if isinstance(value, str):
        return not value.isascii() and value != value.encode("utf-8", "replace").decode()
    return any(map(holds_surrogate, _items(value)))


def _items(value: object) -> Sequence[object]:
    if isinstance(value, dict):
        return [*value.keys(), *value.values()]
    return value if isinstance(value, list) else ()


def singular(key: str) -> str:
    """``image`` for ``images``, and so on; other keys are unchanged."""
    return _SINGULAR.get(key, printable(key))


def id_of(record: object) -> str:
    """A record's id of any type, for messages."""
    value = record.get("id", "without id") if isinstance(record, dict) else "?"
    return printable(str(value))[:40]


def diagnose_records(
    path: Path, top: dict[str, msgspec.Raw], key: str, record_type: type, error: Exception
) -> UserError:
    """Find the first record that does not fit its type."""
    try:
        raw = msgspec.json.decode(top[key], type=list[msgspec.Raw])
    except msgspec.ValidationError:
        return refuse("record-malformed", f"{path.name}: {key}", "something else than a list")
    for index, record in enumerate(raw):
        try:
            msgspec.json.decode(record, type=record_type)
        except msgspec.ValidationError as problem:
            name = id_of(json.loads(bytes(record), parse_int=str))
            where = f"{path.name}: {singular(key)} {name} (number {index + 1} of {key})"
            return malformed(where, problem)
    return malformed(f"{path.name}: {key}", error)


def malformed(where: str, error: Exception, inside: str = "") -> UserError:
    """The error for a fault that msgspec found in a record; ``inside``: the part it decoded."""
    message = str(error)
    found = plain(message) + inside
    if message.startswith("Number out of range"):
        return refuse("not-a-number", where, found.replace("Number out of range", "Infinity"))
    kind = "crowd-value" if message.endswith("$.iscrowd`") else "record-malformed"
    return refuse(kind, where, found)


def plain(message: str) -> str:
    """Rephrase msgspec's message.

    >>> plain("Expected `int`, got `str` - at `$.id`")
    'str instead of int in id'
    >>> plain("Object missing required field `width`")
    'no width'
    """
    what, _, where = message.replace("`", "").partition(" - at ")
    field = where.removeprefix("$").lstrip(".")
    what = re.sub(r"^Expected (.*), got (.*)$", r"\2 instead of \1", what)
    what = re.sub(r"^Invalid enum value (.*)$", r"\1", what)
    what = what.replace("Object missing required field ", "no ")
    return f"{what} in {field}" if field else what
