"""Classes: their file ``classes.json``, and finding one by name."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from trashdata.coco.document import CategoryRecord, Document
from trashdata.errors import UserError, nearest, printable
from trashdata.palette import IGNORE_INDEX, palette

CLASS_FILE = "classes.json"
"""The name of the file beside label PNGs that says what their indices mean."""


class ClassRow(msgspec.Struct, frozen=True):
    """A class in ``classes.json``: its index in the masks, and its COCO category."""

    index: int
    id: int
    name: str
    color: tuple[int, int, int]


class ClassFile(msgspec.Struct, frozen=True):
    """The content of ``classes.json``."""

    classes: list[ClassRow]
    background: int = 0
    ignore: int = IGNORE_INDEX


def class_file(document: Document) -> ClassFile:
    """The content of ``classes.json`` for a document."""
    colours = palette()
    rows = [
        ClassRow(index, category.id, category.name, _rgb(colours[index]))
        for index, category in enumerate(document.class_categories, start=1)
    ]
    return ClassFile(rows)


def _rgb(colour: NDArray[np.uint8]) -> tuple[int, int, int]:
    red, green, blue = (int(channel) for channel in colour)
    return red, green, blue


def encode_class_file(content: ClassFile) -> bytes:
    """The bytes of ``classes.json``, indented."""
    return msgspec.json.format(msgspec.json.encode(content), indent=1) + b"\n"


def read_class_file(path: Path) -> ClassFile:
    """Read ``classes.json``."""
    expected = 'a class file such as {"classes": [{"index": 1, "id": 1, "name": "Paper", ...}]}'
    advice = "pass the classes.json beside the masks with --classes"
    try:
        content = msgspec.json.decode(path.read_bytes(), type=ClassFile)
    except FileNotFoundError:
        raise UserError(str(path), expected=expected, found="no file", advice=advice) from None
    except (OSError, msgspec.DecodeError) as error:
        raise UserError(str(path), expected=expected, found=str(error), advice=advice) from None
    indices = [row.index for row in content.classes]
    if len(set(indices)) < len(indices) or any(not 1 <= index <= 254 for index in indices):
        found = f"the indices {indices}"
        expected = "indices 1 to 254, each once"
        raise UserError(str(path), expected=expected, found=found, advice=advice)
    return content


MAX_CLASSES = 254


def check_class_count(document: Document) -> None:
    """Refuse more classes than 8-bit label maps hold."""
    if len(document.class_categories) > MAX_CLASSES:
        raise UserError(
            document.name,
            expected=f"at most {MAX_CLASSES} classes, which is what 8-bit masks hold",
            found=f"{len(document.class_categories)}",
            advice="merge classes or split the file",
        )


def rare_classes(document: Document) -> list[CategoryRecord]:
    """The classes with objects, but fewer than half the mean number."""
    counts = document.class_counts()
    pairs = zip(document.class_categories, counts, strict=True)
    return [category for category, count in pairs if 0 < count < counts.mean() / 2]


def find_classes(document: Document, names: Iterable[str], option: str) -> list[CategoryRecord]:
    """Find the categories with these names; the error for an unknown name suggests a known one."""
    known = {category.name: category for category in document.class_categories}
    return [known[_known(name, list(known), option, document.name)] for name in names]


def _known(name: str, known: Sequence[str], option: str, file: str) -> str:
    if name not in known:
        raise UserError(
            f"{option} {printable(name)!r}",
            expected=f"a class of {file}",
            found="none of that name",
            advice=nearest(name, [printable(class_name) for class_name in known]),
        )
    return name
