"""Classes: their colours, their file ``classes.json``, and finding one by name."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from trashdata.coco.document import CategoryRecord, Document
from trashdata.errors import UserError, nearest, printable

# Ten colours that stay apart for red-green and blue-yellow blindness by their lightness as well;
# chosen along Paul Tol's "muted" scheme (https://sronpersonalpages.nl/~pault/).
_BASE = (
    (136, 204, 238),
    (204, 102, 119),
    (221, 204, 119),
    (17, 119, 51),
    (51, 34, 136),
    (170, 68, 153),
    (68, 170, 153),
    (153, 153, 51),
    (245, 70, 0),
    (136, 34, 85),
)


def palette() -> NDArray[np.uint8]:
    """RGB of every class index, (256, 3): 0 is black, 255 light gray."""
    colours = np.zeros((256, 3), dtype=np.uint8)
    for index in range(1, 255):
        red, green, blue = _BASE[(index - 1) % len(_BASE)]
        turn = (index - 1) // len(_BASE)
        # Further rounds are mixed with white and with a dark gray in turn, then swap channels.
        colour = ((red, green, blue), (blue, red, green), (green, blue, red))[turn // 3 % 3]
        towards, share = ((0, 0.0), (255, 0.45), (48, 0.45))[turn % 3]
        colours[index] = [round(c + (towards - c) * share) for c in colour]
    colours[255] = (224, 224, 224)
    return colours


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
    ignore: int = 255


def class_file(document: Document) -> ClassFile:
    """What ``classes.json`` says of a document's classes."""
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
    """The bytes of ``classes.json``, made to be read by people."""
    return msgspec.json.format(msgspec.json.encode(content), indent=1) + b"\n"


def read_class_file(path: Path) -> ClassFile:
    """Read ``classes.json``."""
    expected = 'a class file such as {"classes": [{"index": 1, "id": 1, "name": "Paper", ...}]}'
    advice = "pass the classes.json that stands beside the masks with --classes"
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


def find_classes(document: Document, names: Iterable[str], option: str) -> list[CategoryRecord]:
    """The categories with these names; an unknown name is refused with the nearest known one."""
    known = {category.name: category for category in document.class_categories}
    return [known[_known(name, list(known), option, document.name)] for name in names]


def _known(name: str, known: Sequence[str], option: str, file: str) -> str:
    if name not in known:
        raise UserError(
            f"{option} {printable(name)!r}",
            expected=f"a class of {file}",
            found="none of that name",
            advice=nearest(name, [printable(other) for other in known]),
        )
    return name
