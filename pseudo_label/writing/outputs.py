"""The files of a run beside the label PNGs."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from functools import partial
from typing import Any

import msgspec

from trashdata.classes import class_file, encode_class_file
from trashdata.photos import read_photo
from trashdata.runs.old_run import Run
from trashdata.runs.records import FileEntry
from trashdata.runs.writer import ShardWriter

from ..inputs import Job
from ..labels.photo_labels import PhotoLabels
from ..predicting.predictions import Predictions
from ..predicting.thresholds import by_name
from .coco_files import write_labels, write_next_round
from .merge import write_merged
from .second_pass import LabelContext, Task, labels_of
from .sheet import draw_sheet, shown_places
from .summary import Summary


def write_outputs(
    run: Run,
    job: Job,
    context: LabelContext,
    shards: Sequence[str],
    found: Predictions | None,
    summary: Summary,
) -> list[FileEntry]:
    """Write what `Job.output_files` lists; ``shards``: names of those of the second pass."""
    name, data = job.name, job.places.data
    writer = ShardWriter(run.journal, run.roots, "files")
    writer.intend([("data", path) for path in job.output_files()])
    labels = data / f"{name}.json"
    ignore_id = context.ignore_id if summary.ignored else None
    provenance = _provenance(job, found)
    files = [write_labels(labels, job.document, run.journal, shards, ignore_id, provenance)]
    if job.options.masks:
        content = encode_class_file(class_file(job.document))
        writer.write("data", f"{name}/masks/classes.json", content)
    if found is not None:
        writer.write("data", f"{name}/thresholds.json", _threshold_file(job, summary))
        writer.write("data", f"{name}/photos.csv", _photo_list(job, found))
        writer.write("data", f"{name}/sheet.png", _sheet(job, context, found))
        if job.options.ranks_photos:
            by_place = zip(job.places_of_images, found.kept, strict=True)
            left = [place for place, kept in by_place if not kept]
            files.append(write_next_round(data / f"{name}_next.json", job.document, left))
    if job.merged is not None:
        merged = data / f"{name}_merged.json"
        files.append(write_merged(job.merged, labels, merged, job.reporter))
    return [*files, *writer.files]


def _provenance(job: Job, found: Predictions | None) -> dict[str, Any]:
    """What ``info.trashdata`` says of a run: nothing of where, when, or with how many workers."""
    options = job.identity()["options"]
    own: dict[str, Any] = {"models": [msgspec.to_builtins(origin) for origin in job.origins]}
    if found is not None:
        own["thresholds"] = by_name(job.names, found.thresholds)
    left_out = ("json", "model", "libraries")
    return own | {"options": {key: v for key, v in options.items() if key not in left_out}}


def _threshold_file(job: Job, summary: Summary) -> bytes:
    kind, value = job.options.setting
    content = {kind: value, "classes": summary.classes}
    return msgspec.json.format(msgspec.json.encode(content), indent=1) + b"\n"


def _photo_list(job: Job, found: Predictions) -> bytes:
    """CSV of all photos, the surest first."""
    stream = io.StringIO()
    rows = csv.writer(stream, lineterminator="\n")
    rows.writerow(("image_id", "file_name", "agreement", "confidence", "kept"))
    for place in found.order:
        image, own = job.images[place], found.figures[place]
        agreement = "" if own.agreement is None else f"{own.agreement:.6f}"
        kept = "yes" if found.kept[place] else "no"
        rows.writerow((image.id, image.file_name, agreement, f"{own.confidence:.6f}", kept))
    return stream.getvalue().encode("utf-8", "replace")


def _sheet(job: Job, context: LabelContext, found: Predictions) -> bytes:
    places = shown_places(found.order)
    photos = [(job.images[place], found.figures[place]) for place in places]

    def label(number: int) -> PhotoLabels:
        task = Task(places[number], photos[number][0], b"", None, None)
        return labels_of(context.source, task, job.options)

    read = partial(read_photo, job.places.images, exif=job.options.exif)
    title = f"{job.name}.json, pseudo-labels of {job.document.name}"
    return draw_sheet(title, job.names, photos, read, label)
