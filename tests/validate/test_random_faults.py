"""Random faults: reader and ``validate`` agree, nothing but a `UserError`, repairs hold."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from corpus.mutate import mutated

from trashdata.coco.faults import FAULTS
from trashdata.coco.read import read_document
from trashdata.coco.write import write_document
from trashdata.errors import UserError
from trashdata.masks.labelmap import label_map
from trashdata.validate.examine import examine
from trashdata.validate.findings import Finding
from trashdata.validate.loose import LooseFile, read_loosely
from trashdata.validate.repair import encoded, repair

# Errors that a repair without photos can't fix.
BY_HAND = {"file-name-leaves", "file-name-long", "image-size", "name-twice", "text-broken"}


def errors_of(findings: list[Finding]) -> set[str]:
    return {finding.kind for finding in findings if finding.severity == "error"}


def check_sentence(error: UserError) -> None:
    assert str(error).isprintable()
    assert error.expected
    assert error.advice


def is_readable(path: Path) -> bool:
    try:
        document = read_document(path)
        for image in document.images:
            assert label_map(document, image).shape == (image.height, image.width)
    except UserError as error:
        check_sentence(error)
        return False
    return True


def check_repair(loose: LooseFile, findings: list[Finding], path: Path) -> None:
    repaired = repair(loose, findings, None)
    top, lists = encoded(repaired.file)
    stream = io.BytesIO()
    write_document(stream, top, lists)
    path.write_bytes(stream.getvalue())
    assert errors_of(repaired.left) <= BY_HAND
    again = errors_of(examine(read_loosely(path), None))
    assert again == errors_of(repaired.left)
    assert is_readable(path) or again


@pytest.mark.parametrize("start", range(0, 400, 50))
def test_random_faults(start: int, tmp_path: Path) -> None:
    path = tmp_path / "random.json"
    for seed in range(start, start + 50):
        path.write_bytes(mutated(seed))
        readable = is_readable(path)
        try:
            loose = read_loosely(path)
        except UserError as error:
            check_sentence(error)
            loose = None
        if loose is None:
            assert not readable, seed
            continue
        findings = examine(loose, None)
        assert all(finding.found.isprintable() for finding in findings), seed
        refused = {
            finding.kind
            for finding in findings
            if FAULTS[finding.kind].handling == "refuse" and "bbox" not in finding.found
        }
        if not any("bbox" in finding.found for finding in findings):
            # The reader leaves bbox alone.
            assert readable == (not refused), (seed, refused)
        check_repair(loose, findings, tmp_path / "repaired.json")
