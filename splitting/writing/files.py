"""Writing of a plan: the parts as COCO files, the list of photos, the report and its picture."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from trashdata.coco.document import Document
from trashdata.coco.write import top_of, write_document
from trashdata.runs.files import open_atomically
from trashdata.runs.hashes import file_sha256
from trashdata.runs.records import FileEntry
from trashdata.runs.stage import Work

from ..options import KfoldOptions
from ..plan import HOLDOUT, SYNTHETIC, Plan
from ..report import Balance, report_json
from .picture import draw


def file_names(name: str, options: KfoldOptions) -> list[str]:
    """The files of a run, relative to the data folder."""
    parts = [f"{name}_{f}_{part}.json" for f in range(options.folds) for part in ("train", "val")]
    holdout = [f"{name}_holdout.json"] if options.holdout else []
    return [*parts, *holdout, f"{name}.csv", f"{name}_report.json", f"{name}_report.png"]


def write_files(work: Work, name: str, balance: Balance, warnings: list[str]) -> list[FileEntry]:
    """Write all files but the manifest.

    Parameters
    ----------
    name : prefix of the files' names.

    Returns
    -------
    The files that were written.
    """
    plan = balance.plan
    writer = work.writer("folds")
    writer.intend([("data", path) for path in file_names(name, plan.options)])
    data, rows = work.roots["data"], _image_rows(plan.document)
    parts = [
        _write_part(data / f"{name}_{part}.json", plan.document, chosen, rows)
        for part, chosen in _parts(plan).items()
    ]
    report = msgspec.json.encode(report_json(balance, warnings))
    writer.write("data", f"{name}.csv", fold_list(plan).encode())
    writer.write("data", f"{name}_report.json", msgspec.json.format(report, indent=1) + b"\n")
    writer.write("data", f"{name}_report.png", draw(balance))
    return [*parts, *writer.files]


def _parts(plan: Plan) -> dict[str, NDArray[np.bool_]]:
    """Whether each image is in a part, (N,), by the name of the part."""
    parts = {}
    for fold in range(plan.options.folds):
        parts[f"{fold}_train"] = plan.trained[fold]
        parts[f"{fold}_val"] = plan.fold_of == fold
    if plan.options.holdout:
        parts["holdout"] = plan.fold_of == HOLDOUT
    return parts


def _image_rows(document: Document) -> NDArray[np.int64]:
    """For each annotation the index of its image, (M,)."""
    index_of = {image.id: index for index, image in enumerate(document.images)}
    return np.array([index_of[a.image_id] for a in document.annotations], dtype=np.int64)


def _write_part(
    path: Path, document: Document, chosen: NDArray[np.bool_], rows: NDArray[np.int64]
) -> FileEntry:
    """Write a COCO file of the chosen images (N,) and their annotations, with unchanged records.

    ``rows`` (M,) : the index of each annotation's image.
    """
    raws = [*document.raw_annotations]
    lists = {
        "images": (document.raw_images[k] for k in np.flatnonzero(chosen).tolist()),
        "annotations": (raws[k] for k in np.flatnonzero(chosen[rows]).tolist()),
        "categories": document.raw_categories,
    }
    with open_atomically(path) as stream:
        write_document(stream, top_of(document, "kfold"), lists)
    return FileEntry("data", path.name, path.stat().st_size, file_sha256(path))


def fold_list(plan: Plan) -> str:
    """CSV: image id, file name, fold (a number, ``holdout`` or ``synthetic``), group.

    A group is named by its smallest image id.
    """
    stream = io.StringIO()
    rows = csv.writer(stream, lineterminator="\n")
    rows.writerow(("image_id", "file_name", "fold", "group"))
    words = {HOLDOUT: "holdout", SYNTHETIC: "synthetic"}
    folds, groups = plan.fold_of.tolist(), plan.inputs.group_ids.tolist()
    for image, fold, group in zip(plan.document.images, folds, groups, strict=True):
        rows.writerow((image.id, image.file_name, words.get(fold, fold), group))
    return stream.getvalue()
