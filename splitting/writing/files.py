"""Writing a plan: the parts as COCO files, the list of photos, the report and its picture."""

from __future__ import annotations

import csv
import io

import msgspec
import numpy as np
from numpy.typing import NDArray

from trashdata.coco.document import Document
from trashdata.coco.write import top_of, write_document
from trashdata.runs.files import open_atomically
from trashdata.runs.hashes import file_sha256
from trashdata.runs.old_run import Run
from trashdata.runs.records import FileEntry
from trashdata.runs.writer import ShardWriter

from ..options import KfoldOptions
from ..plan import HOLDOUT, SYNTHETIC, Plan
from ..report import Balance, report_json
from .picture import draw


def file_names(name: str, options: KfoldOptions) -> list[str]:
    """The files of a run, relative to the data folder."""
    parts = [f"{name}_{f}_{part}.json" for f in range(options.folds) for part in ("train", "val")]
    holdout = [f"{name}_holdout.json"] if options.holdout else []
    return [*parts, *holdout, f"{name}.csv", f"{name}_report.json", f"{name}_report.png"]


def write_files(run: Run, plan: Plan, balance: Balance, warnings: list[str]) -> None:
    """Write everything, then the manifest. An interrupted run writes all of it again."""
    name = run.folder.name
    writer = ShardWriter(run.journal, run.roots, "folds")
    writer.intend([("data", path) for path in file_names(name, plan.options)])
    files = []
    rows_of = _annotation_rows(plan.document)
    for fold in range(plan.options.folds):
        parts = {"train": plan.trained[fold], "val": plan.fold_of == fold}
        for part, chosen in parts.items():
            files.append(_write_part(run, plan.document, f"{name}_{fold}_{part}", chosen, rows_of))
    if plan.options.holdout:
        chosen = plan.fold_of == HOLDOUT
        files.append(_write_part(run, plan.document, f"{name}_holdout", chosen, rows_of))
    report = report_json(balance, warnings)
    content = msgspec.json.format(msgspec.json.encode(report), indent=1) + b"\n"
    writer.write("data", f"{name}.csv", fold_list(plan).encode())
    writer.write("data", f"{name}_report.json", content)
    writer.write("data", f"{name}_report.png", draw(balance))
    run.finish([*files, *writer.files], {}, {"photos": len(plan.fold_of)})


def _annotation_rows(document: Document) -> NDArray[np.int64]:
    """For each annotation the place of its image, (M,)."""
    place = {image.id: index for index, image in enumerate(document.images)}
    return np.array([place[a.image_id] for a in document.annotations], dtype=np.int64)


def _write_part(
    run: Run,
    document: Document,
    name: str,
    chosen: NDArray[np.bool_],
    rows_of: NDArray[np.int64],
) -> FileEntry:
    """A COCO file of the chosen images (N,) and their annotations, every record as it was read."""
    images = (document.raw_images[k] for k in np.flatnonzero(chosen).tolist())
    own = np.flatnonzero(chosen[rows_of]).tolist()
    raws = [*document.raw_annotations]
    lists = {
        "images": images,
        "annotations": (raws[k] for k in own),
        "categories": document.raw_categories,
    }
    path = run.roots["data"] / f"{name}.json"
    with open_atomically(path) as stream:
        write_document(stream, top_of(document, "kfold"), lists)
    return FileEntry("data", path.name, path.stat().st_size, file_sha256(path))


def fold_list(plan: Plan) -> str:
    """CSV: image id, file name, fold (a number, ``holdout`` or ``synthetic``), group.

    A group goes by the smallest image id in it.
    """
    stream = io.StringIO()
    rows = csv.writer(stream, lineterminator="\n")
    rows.writerow(("image_id", "file_name", "fold", "group"))
    words = {HOLDOUT: "holdout", SYNTHETIC: "synthetic"}
    folds, groups = plan.fold_of.tolist(), plan.group_of.tolist()
    for image, fold, group in zip(plan.document.images, folds, groups, strict=True):
        rows.writerow((image.id, image.file_name, words.get(fold, fold), group))
    return stream.getvalue()
