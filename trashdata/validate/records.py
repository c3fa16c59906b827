"""Checks of single records: types, numbers and text."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from trashdata.coco.diagnose import holds_non_finite, holds_surrogate, plain
from trashdata.coco.document import AnnotationRecord, CategoryRecord, ImageRecord
from trashdata.errors import printable
from trashdata.names import leaves_root
from trashdata.photo_bytes import PhotoError, load, read_header

from .findings import Drop, Finding, Fix, Key, SetFields
from .loose import LooseFile

Record = TypeVar("Record", ImageRecord, AnnotationRecord, CategoryRecord)

_WHOLE = {"id", "image_id", "category_id", "width", "height"}
# Checked with the masks, where the other polygons of the object are available.
_CHECKED_LATER = {"segmentation"}


def id_text(record: object) -> str:
    """The id of a record, for messages; empty without one."""
    if not isinstance(record, dict) or "id" not in record:
        return ""
    value = record["id"]
    return printable(repr(value) if isinstance(value, str) else str(value))[:40]


def typed(
    loose: LooseFile, key: Key, record_type: type[Record], photos: Path | None = None
) -> tuple[list[Record | None], list[Finding]]:
    """Convert records to typed ones, None for those that the reader refuses, with the faults.

    Parameters
    ----------
    photos : the image root; None if photos are not to be opened.
    """
    sound: list[Record | None] = []
    findings: list[Finding] = []
    decode = msgspec.json.Decoder(record_type).decode
    for index, (record, raw) in enumerate(zip(loose.lists[key], loose.raw[key], strict=True)):
        faults = list(_content_faults(record)) if loose.broken else []
        try:
            # From the bytes if available, like the reader, as a key may occur twice.
            sound.append(
                msgspec.convert(_without_later(record), record_type) if raw is None else decode(raw)
            )
        except UnicodeEncodeError:
            sound.append(None)
            if not faults:
                faults.append(("record-malformed", "text with half a character", Drop()))
        except msgspec.ValidationError as error:
            sound.append(None)
            if not any(kind == "not-a-number" for kind, _, _ in faults):
                faults.append(_type_fault(record, str(error), photos))
        for kind, found, fix in faults:
            findings.append(Finding(kind, found, key, index, id_text(record), fix))
    return sound, findings


def _without_later(record: Any) -> Any:
    if not isinstance(record, dict):
        return record
    return {key: value for key, value in record.items() if key not in _CHECKED_LATER}


_Fault = tuple[str, str, Fix | None]


def _content_faults(record: Any) -> Iterator[_Fault]:
    """Faults of NaN and lone surrogates in all fields of a record."""
    if not isinstance(record, dict):
        return
    later = [key for key in _CHECKED_LATER if isinstance(record.get(key), list)]
    wrong = {k: v for k, v in record.items() if k not in later and holds_non_finite(v)}
    if wrong:
        fields = {key: without_non_finite(value) for key, value in wrong.items()}
        names = ", ".join(map(printable, wrong))
        yield "not-a-number", f"NaN or Infinity in {names}", SetFields(fields)
    broken = {key: value for key, value in record.items() if holds_surrogate(value)}
    if broken:
        fields = {k: whole_text(v) for k, v in broken.items() if k != "file_name"}
        found = f"half a character in {', '.join(map(printable, broken))}"
        yield "text-broken", found, SetFields(fields) if fields else None


def without_non_finite(value: Any) -> Any:
    """Replace every NaN and infinite number in a value by None."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {key: without_non_finite(item) for key, item in value.items()}
    return [without_non_finite(item) for item in value] if isinstance(value, list) else value


def whole_text(value: Any) -> Any:
    """Replace every lone surrogate in a value by U+FFFD."""
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, dict):
        return {whole_text(key): whole_text(item) for key, item in value.items()}
    return [whole_text(item) for item in value] if isinstance(value, list) else value


def _type_fault(record: Any, message: str, photos: Path | None) -> _Fault:
    found = plain(message)
    if not isinstance(record, dict):
        return "record-malformed", found, Drop()
    field = message.partition(" - at `$.")[2].rstrip("`")
    if field == "iscrowd":
        return "crowd-value", found, SetFields({"iscrowd": _crowd(record["iscrowd"])})
    return "record-malformed", found, _type_fix(record, field, found, photos)


def _type_fix(record: dict[str, Any], field: str, found: str, photos: Path | None) -> Fix:
    if field in _WHOLE:
        number = whole_number_of(record.get(field))
        if number is not None:
            return SetFields({field: number})
    if field == "area":
        return SetFields({"area": None})
    if field.startswith("trashdata"):
        return SetFields({"trashdata": {}})
    if field in ("width", "height") or found in ("no width", "no height"):
        size = photo_size(record, photos)
        if size is not None:
            return size
    return Drop()


def whole_number(value: object) -> int | None:
    """Convert ``"12"`` or ``12.0`` to a whole number, else None.

    >>> whole_number("12"), whole_number(12.0), whole_number(12.5), whole_number(True)
    (12, 12, None, None)
    """
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, str) and value.strip().lstrip("-").isdecimal() and len(value) < 20:
        return int(value)
    return None


def whole_number_of(value: object) -> int | None:
    """A whole number, or one that a repair makes of text or a float."""
    return value if type(value) is int else whole_number(value)


def _crowd(value: object) -> int:
    if isinstance(value, str):
        return int(value.strip().lower() in ("1", "true"))
    return int(isinstance(value, int | float) and value > 0)


def photo_size(record: dict[str, Any], photos: Path | None) -> SetFields | None:
    """Width and height from the photo's header, or None."""
    name = record.get("file_name")
    if photos is None or not isinstance(name, str) or leaves_root(name):
        return None
    try:
        header = read_header(load(photos / name))
    except PhotoError:
        return None
    return SetFields({"width": header.width, "height": header.height})
