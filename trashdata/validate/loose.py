"""Reading a COCO file despite faults: every record as plain Python values."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from trashdata.coco.diagnose import LISTS, check_utf8, load_leniently
from trashdata.coco.read import read_bytes, without_mark

Raw = bytes | msgspec.Raw


@dataclass(frozen=True)
class LooseFile:
    """A COCO file that may have faults.

    ``lists``: the records of images, annotations and categories by key, in the file's order;
    ``raw``: their bytes as read, or None if they were changed; ``top``: encoded values of all other
    keys; ``missing``: keys of `LISTS` that are missing or not lists; ``broken``: the file may hold
    NaN, infinite numbers or lone surrogates.
    """

    path: Path
    sha256: str
    marked: bool
    top: Mapping[str, Raw]
    lists: Mapping[str, Sequence[Any]]
    raw: Mapping[str, Sequence[Raw | None]]
    missing: Sequence[str] = ()
    broken: bool = False

    @property
    def name(self) -> str:
        return self.path.name


def read_loosely(path: Path) -> LooseFile:
    """Read a file that may have faults.

    Raises
    ------
    UserError : it can't be read, or is no JSON object.
    """
    content = read_bytes(path)
    digest = hashlib.sha256(content).hexdigest()
    body, marked = without_mark(content)
    check_utf8(path, body)
    try:
        broken = False
        top, lists, raw = _quickly(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        broken = True
        top, lists, raw = _slowly(path, body)
    missing = [key for key in LISTS if key not in lists]
    for key in missing:
        top.pop(key, None)
        lists[key], raw[key] = [], []
    return LooseFile(path, digest, marked, top, lists, raw, missing, broken)


_Parts = tuple[dict[str, Raw], dict[str, Sequence[Any]], dict[str, Sequence[Raw | None]]]


def _quickly(body: bytes) -> _Parts:
    top: dict[str, Raw] = dict(msgspec.json.decode(body, type=dict[str, msgspec.Raw]))
    lists: dict[str, Sequence[Any]] = {}
    raw: dict[str, Sequence[Raw | None]] = {}
    for key, value in top.items():
        # All values are decoded, since a raw one may hold a number such as 1e999.
        decoded = msgspec.json.decode(value)
        if key in LISTS and isinstance(decoded, list):
            lists[key] = decoded
            raw[key] = msgspec.json.decode(value, type=list[msgspec.Raw])
    return top, lists, raw


def _slowly(path: Path, body: bytes) -> _Parts:
    """Read a file with NaN, lone surrogates or huge numbers; the bytes of records are not kept."""
    loaded = load_leniently(path, body)
    lists = {key: loaded[key] for key in LISTS if isinstance(loaded.get(key), list)}
    top: dict[str, Raw] = {key: json.dumps(value).encode() for key, value in loaded.items()}
    return top, lists, {key: [None] * len(records) for key, records in lists.items()}
