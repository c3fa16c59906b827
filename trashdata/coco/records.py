"""Records as bytes, with some values replaced and all others unchanged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import pairwise
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from trashdata.coco.document import Document

_decode = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
_encode = msgspec.json.Encoder().encode


def replaced(record: bytes | msgspec.Raw, values: Mapping[str, Any]) -> bytes:
    """Replace values of a record, and append those that it lacks.

    Examples
    --------
    >>> replaced(b'{"id": 1, "note": 1e3}', {"id": 7})
    b'{"id":7,"note":1e3}'
    """
    content: dict[str, Any] = _decode(record)
    content.update(values)
    return _encode(content)


def with_added(first: Mapping[str, Any], later: Mapping[str, Any]) -> dict[str, Any]:
    """The first record's values, then those that only the later one has."""
    return {**first, **{key: value for key, value in later.items() if key not in first}}


def info_of(top: Mapping[str, bytes | msgspec.Raw]) -> dict[str, Any]:
    """The decoded value of ``info``; empty if it is missing or no object."""
    info = msgspec.json.decode(top["info"]) if "info" in top else None
    return info if isinstance(info, dict) else {}


def own_info(info: Mapping[str, Any]) -> dict[str, Any]:
    """The values under ``info.trashdata``."""
    values = info.get("trashdata")
    return dict(values) if isinstance(values, dict) else {}


def counts_of(ids: NDArray[np.int64]) -> dict[int, int]:
    """How often each id occurs in a column, (M,) int64."""
    values, counts = np.unique(ids, return_counts=True)
    return dict(zip(values.tolist(), counts.tolist(), strict=True))


def with_settled_ties(document: Document) -> Document:
    """Sort annotations with equal ids by their bytes instead of their order in the file."""
    annotations, raw = document.annotations, document.raw_annotations
    if all(before.id != after.id for before, after in pairwise(annotations)):
        return document
    order = sorted(range(len(raw)), key=lambda k: (annotations[k].id, bytes(raw[k])))
    return replace(
        document,
        annotations=[annotations[k] for k in order],
        raw_annotations=[raw[k] for k in order],
    )
