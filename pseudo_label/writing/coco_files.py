"""The COCO files of a run: the pseudo-labels, and the photos left for the next round."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from trashdata.coco.document import IGNORE_NAME, IGNORE_SUPERCATEGORY, Document
from trashdata.coco.keys import IGNORE_CATEGORY_IDS, MADE_BY
from trashdata.coco.records import info_of, own_info
from trashdata.coco.write import lines_of, write_document
from trashdata.runs.files import open_atomically
from trashdata.runs.hashes import file_sha256
from trashdata.runs.records import FileEntry

_RECORDS = ("images", "annotations", "categories")


def write_label_file(
    path: Path,
    document: Document,
    journal: Path,
    shards: Sequence[str],
    ignore_id: int | None,
    provenance: Mapping[str, Any],
) -> FileEntry:
    """Gather the shards' records into one COCO file.

    Parameters
    ----------
    ignore_id : id of the ignore category, if there are ignored regions.
    provenance : values under ``info.trashdata`` beside ``made_by``.
    """
    categories: list[bytes | msgspec.Raw] = list(document.raw_categories)
    ignored = set(document.ignore_ids)
    if ignore_id is not None and ignore_id not in ignored:
        ignored.add(ignore_id)
        new = {"id": ignore_id, "name": IGNORE_NAME, "supercategory": IGNORE_SUPERCATEGORY}
        categories.append(msgspec.json.encode(new))
    lists = {
        "images": lines_of(journal / f"{name}.images" for name in shards),
        "annotations": _numbered(lines_of(journal / f"{name}.annotations" for name in shards)),
        "categories": categories,
    }
    provenance = {
        MADE_BY: "trashdata pseudo",
        IGNORE_CATEGORY_IDS: sorted(ignored),
        **provenance,
    }
    return _write(path, _top(document, provenance), lists)


def write_next_round(path: Path, document: Document, indices: Iterable[int]) -> FileEntry:
    """Write the images (by index in the document) that are left unlabelled for the next round."""
    lists: dict[str, Iterable[bytes | msgspec.Raw]] = {
        "images": (document.raw_images[index] for index in indices),
        "annotations": [],
        "categories": document.raw_categories,
    }
    return _write(path, _top(document, {MADE_BY: "trashdata pseudo"}), lists)


def _numbered(lines: Iterator[bytes]) -> Iterator[bytes]:
    for number, line in enumerate(lines, start=1):
        yield b'{"id":%d,%b' % (number, line[1:])


def _top(document: Document, provenance: Mapping[str, Any]) -> dict[str, bytes | msgspec.Raw]:
    """The document's other keys, with the provenance under ``info.trashdata``."""
    info = info_of(document.top)
    info["trashdata"] = own_info(info) | dict(provenance)
    top: dict[str, bytes | msgspec.Raw] = {"info": msgspec.json.encode(info)}
    return top | {key: value for key, value in document.top.items() if key != "info"}


def _write(
    path: Path,
    top: Mapping[str, bytes | msgspec.Raw],
    lists: Mapping[str, Iterable[bytes | msgspec.Raw]],
) -> FileEntry:
    assert set(lists) == set(_RECORDS)
    with open_atomically(path) as stream:
        write_document(stream, top, lists)
    return FileEntry("data", path.name, path.stat().st_size, file_sha256(path))
