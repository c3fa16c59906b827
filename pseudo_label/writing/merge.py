"""``--merge-with``: merge the labelled file and the pseudo-labels as ``trashdata merge`` does."""

from __future__ import annotations

from pathlib import Path

from trashdata.coco.document import Document
from trashdata.coco.read import read_document
from trashdata.coco.write import write_document
from trashdata.console import Reporter
from trashdata.merge.documents import merge_documents
from trashdata.runs.files import open_atomically
from trashdata.runs.hashes import file_sha256
from trashdata.runs.records import FileEntry


def write_merged(
    labelled: Document, pseudo_labels: Path, path: Path, reporter: Reporter
) -> FileEntry:
    """Write both as one file; of equal ids, the labelled file's is kept."""
    merged = merge_documents([labelled, read_document(pseudo_labels, masks=False)])
    top, warnings = merged.top("trashdata pseudo")
    for warning in [*merged.warnings, *warnings]:
        reporter.warn(warning)
    with open_atomically(path) as stream:
        write_document(stream, top, merged.lists())
    return FileEntry("data", path.name, path.stat().st_size, file_sha256(path))
