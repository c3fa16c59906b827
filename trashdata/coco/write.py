"""Writing COCO files; unchanged records are written as the bytes that were read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import BinaryIO

import msgspec

from trashdata.coco.document import Document
from trashdata.coco.keys import MADE_BY

BETWEEN = b",\n"
"""What stands between two records; records joined by it can be passed on as one."""

_BATCH = 32


def top_of(document: Document, command: str) -> dict[str, bytes | msgspec.Raw]:
    """The input's top level, with this command as ``made_by`` if that is present."""
    top: dict[str, bytes | msgspec.Raw] = dict(document.top)
    if "info" in top:
        info = msgspec.json.decode(top["info"])
        values = info.get("trashdata") if isinstance(info, dict) else None
        if isinstance(values, dict) and MADE_BY in values:
            values[MADE_BY] = f"trashdata {command}"
            top["info"] = msgspec.json.encode(info)
    return top


def write_document(
    stream: BinaryIO,
    top: Mapping[str, bytes | msgspec.Raw],
    lists: Mapping[str, Iterable[bytes | msgspec.Raw]],
) -> None:
    """Write a COCO object, one record per line, without holding it in memory.

    Parameters
    ----------
    stream : opened for bytes.
    top : encoded values of the top-level keys, in order.
    lists : for the keys whose value is a list of records (images, ...): their encoded records;
        these replace what ``top`` has under the same key.
    """
    opening = b"{\n"
    for key in [*top, *(key for key in lists if key not in top)]:
        stream.write(opening + msgspec.json.encode(key) + b": ")
        if key in lists:
            _write_list(stream, lists[key])
        else:
            stream.write(bytes(top[key]))
        opening = b",\n"
    stream.write(b"\n}\n")


def _write_list(stream: BinaryIO, records: Iterable[bytes | msgspec.Raw]) -> None:
    remaining = iter(records)
    separator = b"[\n"
    # A few records a write: one by one takes twice the time.
    while batch := list(islice(remaining, _BATCH)):
        stream.write(separator + BETWEEN.join(batch))
        separator = BETWEEN
    stream.write(b"[]" if separator == b"[\n" else b"\n]")


def blocks_of(paths: Iterable[Path]) -> Iterator[bytes]:
    """The contents of files of encoded records joined by `BETWEEN`; empty ones are left out."""
    for path in paths:
        block = path.read_bytes()
        if block:
            yield block


def lines_of(paths: Iterable[Path]) -> Iterator[bytes]:
    """The records of files that hold one encoded record per line."""
    for path in paths:
        with path.open("rb") as stream:
            for line in stream:
                yield line.rstrip(b"\n")
