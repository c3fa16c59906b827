"""The JSON reader, ``validate`` and its repairs, on any bytes."""

from __future__ import annotations

import io
import json
import random
from collections.abc import Iterator
from pathlib import Path

from corpus.base import content
from corpus.mutate import change, mutated

from trashdata.coco.document import Document
from trashdata.coco.faults import FAULTS
from trashdata.coco.read import read_document
from trashdata.coco.write import write_document
from trashdata.errors import UserError
from trashdata.masks.labelmap import label_map
from trashdata.validate.examine import examine
from trashdata.validate.findings import Finding
from trashdata.validate.loose import LooseFile, read_loosely
from trashdata.validate.repair import encoded, repair

from .promises import check_sentence, folder

# A photo of a gigapixel is allowed, and takes its time: here only what is quickly painted.
MOST_PIXELS = 1_000_000

DICTIONARY = (
    *('"id"', '"image_id"', '"category_id"', '"segmentation"', '"area"', '"bbox"', '"iscrowd"'),
    *('"file_name"', '"width"', '"height"', '"name"', '"info"', '"trashdata"', '"counts"'),
    *('"size"', '"images"', '"annotations"', '"categories"', '"valid_box"', '"repeat_of"'),
    *("NaN", "Infinity", "1e999", "-0", "1.0", "null", "true", "[]", "{}", "100000", "\\ud83d"),
    *("\\u0000", "9007199254740993", "../", "b'", "[[", "]]", "[0,3456]"),
)


def seeds() -> Iterator[bytes]:
    yield json.dumps(content()).encode()
    yield from map(mutated, range(60))


def mutate(data: bytes, seed: int) -> bytes | None:
    """Change a value of the JSON rather than a byte of it; None if it is no JSON."""
    try:
        made = json.loads(data)
    except (ValueError, RecursionError):
        return None
    rng = random.Random(seed)
    if not isinstance(made, dict) or not made:
        return None
    change(made, rng)
    return json.dumps(made).encode()


def check(data: bytes) -> None:
    path = folder() / "any.json"
    path.write_bytes(data)
    document = _read(path)
    try:
        loose = read_loosely(path)
    except UserError as error:
        check_sentence(error)
        assert document is None
        return
    if _has_large_photos(loose):
        return
    findings = examine(loose, None)
    assert all(finding.found.isprintable() for finding in findings)
    refused = {f.kind for f in findings if FAULTS[f.kind].handling == "refuse"}
    if not any("bbox" in finding.found for finding in findings):
        # The reader leaves bbox alone.
        assert (document is not None) == (not refused), refused
    _check_repair(loose, findings, folder() / "repaired.json")


def _read(path: Path) -> Document | None:
    try:
        document = read_document(path)
    except UserError as error:
        check_sentence(error)
        return None
    for image in document.images:
        if image.width * image.height <= MOST_PIXELS:
            assert label_map(document, image).shape == (image.height, image.width)
    return document


def _has_large_photos(loose: LooseFile) -> bool:
    for image in loose.lists["images"]:
        sides = [image.get(key) for key in ("width", "height")] if isinstance(image, dict) else []
        numbers = [abs(float(side)) for side in sides if _is_number(side)]
        if len(numbers) == 2 and MOST_PIXELS < numbers[0] * numbers[1] <= 1e9:
            return True
    return False


def _is_number(value: object) -> bool:
    try:
        float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        return False
    return True


def _check_repair(loose: LooseFile, findings: list[Finding], path: Path) -> None:
    repaired = repair(loose, findings, None)
    top, lists = encoded(repaired.file)
    stream = io.BytesIO()
    write_document(stream, top, lists)
    path.write_bytes(stream.getvalue())
    again = {f.kind for f in examine(read_loosely(path), None) if f.severity == "error"}
    assert again == {f.kind for f in repaired.left if f.severity == "error"}
    assert again or _read(path) is not None
