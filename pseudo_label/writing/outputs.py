"""The files of a run beside the label PNGs."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from functools import partial
from typing import Any

import msgspec

from trashdata.classes import CLASS_FILE, class_file, encode_class_file
from trashdata.photos import read_photo
from trashdata.runs.records import FileEntry
from trashdata.runs.stage import Work

from ..inputs import Inputs
from ..labels.photo_labels import PhotoLabels, read_photo_labels
from ..labels.source import LabelSource
from ..names import mask_folder, output_files, run_name
from ..predicting.predictions import Predictions
from ..predicting.thresholds import by_name
from .coco_files import write_label_file, write_next_round
from .contact_sheet import draw_sheet, shown_indices
from .merge import write_merged
from .stage import LabelContext
from .summary import LabelSummary


def write_outputs(
    inputs: Inputs,
    context: LabelContext,
    shards: Sequence[str],
    found: Predictions | None,
    summary: LabelSummary,
    work: Work,
) -> list[FileEntry]:
    """Write the files that `output_files` lists; ``shards``: names of the second stage's shards."""
    options, data = inputs.options, inputs.folders.data
    name = run_name(options)
    writer = work.writer("files")
    writer.intend([("data", path) for path in output_files(options)])
    labels = data / f"{name}.json"
    ignore_id = context.ignore_id if summary.ignored else None
    provenance = _provenance(inputs, found)
    files = [write_label_file(labels, inputs.document, work.kept, shards, ignore_id, provenance)]
    if options.masks:
        content = encode_class_file(class_file(inputs.document))
        writer.write("data", f"{mask_folder(options)}/{CLASS_FILE}", content)
    if found is not None:
        writer.write("data", f"{name}/thresholds.json", _threshold_file(inputs, summary))
        writer.write("data", f"{name}/photos.csv", _photo_list(inputs, found))
        writer.write("data", f"{name}/sheet.png", _sheet(inputs, context.source, found))
        if options.ranks_photos:
            kept_by_index = zip(inputs.indices, found.kept, strict=True)
            left = [index for index, kept in kept_by_index if not kept]
            files.append(write_next_round(data / f"{name}_next.json", inputs.document, left))
    if inputs.merge_with is not None:
        merged = data / f"{name}_merged.json"
        files.append(write_merged(inputs.merge_with, labels, merged, work.reporter))
    return [*files, *writer.files]


def _provenance(inputs: Inputs, found: Predictions | None) -> dict[str, Any]:
    """The values of ``info.trashdata``: no paths, no time, no number of workers."""
    provenance: dict[str, Any] = {
        "models": [msgspec.to_builtins(origin) for origin in inputs.origins]
    }
    if found is not None:
        provenance["thresholds"] = by_name(inputs.names, found.thresholds)
    left_out = ("json", "model", "libraries")
    options = inputs.identity_options.items()
    return provenance | {"options": {key: v for key, v in options if key not in left_out}}


def _threshold_file(inputs: Inputs, summary: LabelSummary) -> bytes:
    kind, value = inputs.options.setting
    content = {kind: value, "classes": summary.classes}
    return msgspec.json.format(msgspec.json.encode(content), indent=1) + b"\n"


def _photo_list(inputs: Inputs, found: Predictions) -> bytes:
    """CSV of all photos, the most confident first."""
    stream = io.StringIO()
    rows = csv.writer(stream, lineterminator="\n")
    rows.writerow(("image_id", "file_name", "agreement", "confidence", "kept"))
    images = inputs.images
    for index in found.order:
        image, figures = images[index], found.figures[index]
        agreement = "" if figures.agreement is None else f"{figures.agreement:.6f}"
        kept = "yes" if found.kept[index] else "no"
        rows.writerow((image.id, image.file_name, agreement, f"{figures.confidence:.6f}", kept))
    return stream.getvalue().encode("utf-8", "replace")


def _sheet(inputs: Inputs, source: LabelSource, found: Predictions) -> bytes:
    indices, images = shown_indices(found.order), inputs.images
    photos = [(images[index], found.figures[index]) for index in indices]

    def label(number: int) -> PhotoLabels:
        return read_photo_labels(source, indices[number], photos[number][0], inputs.options)

    read = partial(read_photo, inputs.folders.images, exif=inputs.options.exif)
    title = f"{run_name(inputs.options)}.json, pseudo-labels of {inputs.document.name}"
    return draw_sheet(title, inputs.names, photos, read, label)
