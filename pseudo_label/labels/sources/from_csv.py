"""The competition's CSV: a label map of few pixels for each photo, in one line.

``image_id,PredictionString``: the photo's file_name, then class ids 0 to the number of classes,
separated by spaces, row by row. Such files are large, so lines are read by their offset.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import cv2
import numpy as np

from trashdata.coco.document import ImageRecord
from trashdata.console import Reporter
from trashdata.errors import UserError, printable
from trashdata.runs.hashes import file_sha256

from ...origin import Origin
from ...predicting.confidence import Labels, Steps
from ..source import GivenLabels, LabelRequest

_HEADER = b"image_id,PredictionString"
_BOM = b"\xef\xbb\xbf"
# A name of 4,096 characters, four bytes each, quoted.
_NAME_ROOM = 20_000


@dataclass(frozen=True)
class CsvLabels:
    """Offset of each photo's line in a checked CSV, by file_name; ``side`` in pixels."""

    path: Path
    side: int
    channels: int
    starts: Mapping[str, int]

    def labels(self, index: int, image: ImageRecord) -> tuple[Labels, Steps | None]:  # noqa: ARG002
        """The label map at the photo's own size, (H, W) uint8: nearest pixels."""
        with self.path.open("rb") as stream:
            stream.seek(self.starts[image.file_name])
            line = _line(stream, self.side)
        _, text = _fields(line)
        ids = _ids(text, _known(self.channels))
        small = np.frombuffer(ids, dtype=np.uint8).reshape(self.side, self.side)
        size = (image.width, image.height)
        labels = cv2.resize(small, size, interpolation=cv2.INTER_NEAREST_EXACT)
        return labels.astype(np.uint8, copy=False), None


def read(path: Path, request: LabelRequest) -> GivenLabels:
    """The labels that ``--from-csv`` names, with ``--size-in`` pixels a side."""
    labels = read_csv(
        path,
        request.images,
        side=request.options.size_in,
        channels=request.channels,
        file=request.document.name,
        reporter=request.reporter,
    )
    return GivenLabels(labels, Origin(path.name, file_sha256(path)), [path])


def read_csv(
    path: Path,
    images: Sequence[ImageRecord],
    *,
    side: int,
    channels: int,
    file: str,
    reporter: Reporter,
) -> CsvLabels:
    """Check every line of a CSV.

    Parameters
    ----------
    side : of the square label maps, in pixels.
    channels : number of classes with the background.
    file : the name of the images' COCO file, for messages.

    Raises
    ------
    UserError : not such a CSV; a line for an unknown photo or a second one for the same; too few
        or too many ids, or one that is no class; a photo without a line.
    """
    names = {image.file_name for image in images}
    starts: dict[str, int] = {}
    known = _known(channels)
    with reporter.progress("Checking the CSV", len(images)) as tick:
        for number, start, line in _lines(path, side):
            where = f"{printable(path.name)}: line {number}"
            raw, text = _fields(line)
            name = raw.decode("utf-8", "replace")
            if name not in names:
                raise _fault(where, f"a photo of {file}", f"image_id {printable(name)[:200]!r}")
            where = f"{where} ({printable(name)})"
            if name in starts:
                raise _fault(where, "one line for each photo", "a second one")
            starts[name] = start
            _check_ids(where, text, known, side)
            tick()
    missing = [image.file_name for image in images if image.file_name not in starts]
    if missing:
        some = f"none for {printable(missing[0])}"
        more = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
        raise _fault(printable(path.name), f"a line for each photo of {file}", some + more)
    return CsvLabels(path, side, channels, starts)


def _lines(path: Path, side: int) -> Iterator[tuple[int, int, bytes]]:
    """Number, position and content of each line after the header; empty ones left out."""
    try:
        with path.open("rb") as stream:
            header = stream.readline(1000).removeprefix(_BOM).strip()
            if header != _HEADER:
                found = printable(header[:100].decode("utf-8", "replace")) or "an empty line"
                raise _fault(printable(path.name), f"the header {_HEADER.decode()}", found)
            number, start = 1, stream.tell()
            while line := _line(stream, side):
                number += 1
                if line.strip():
                    yield number, start, line
                start = stream.tell()
    except OSError as error:
        found = error.strerror or str(error)
        raise UserError(
            f"--from-csv {printable(str(path))}",
            expected="a CSV file",
            found=found,
            advice="check the path",
        ) from None


def _line(stream: BinaryIO, side: int) -> bytes:
    """Read the next line, at most as long as a valid one can be."""
    return stream.readline(_NAME_ROOM + 5 * side * side)


def _fields(line: bytes) -> tuple[bytes, bytes]:
    name, _, text = line.strip().rpartition(b",")
    if name.startswith(b'"') and name.endswith(b'"') and len(name) > 1:
        name = name[1:-1].replace(b'""', b'"')
    return name, text.strip(b'"')


def _known(channels: int) -> dict[bytes, int]:
    return {str(index).encode(): index for index in range(channels)}


def _ids(text: bytes, known: Mapping[bytes, int]) -> bytes:
    return bytes(map(known.__getitem__, text.split()))


def _check_ids(where: str, text: bytes, known: Mapping[bytes, int], side: int) -> None:
    try:
        count = len(_ids(text, known))
    except KeyError as error:
        odd = printable(error.args[0].decode("utf-8", "replace"))[:40]
        raise _fault(where, f"class ids from 0 to {len(known) - 1}", odd) from None
    if count != side * side:
        raise _fault(where, f"{side * side:,} class ids ({side} x {side})", f"{count:,}")


def _fault(where: str, expected: str, found: str) -> UserError:
    advice = "correct the CSV, or see --json and --size-in"
    return UserError(where, expected=expected, found=found, advice=advice)
