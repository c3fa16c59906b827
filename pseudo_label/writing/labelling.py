"""Writing of the labels: the second stage, then the files beside the label PNGs."""

from __future__ import annotations

from pathlib import Path

import msgspec

from trashdata.errors import UserError
from trashdata.runs.run import Written
from trashdata.runs.stage import Work

from ..inputs import Inputs
from ..labels.source import LabelSource
from ..labels.sources.predicted import PredictedLabels
from ..predicting.predictions import Predictions
from ..predicting.thresholds import in_units
from .outputs import write_outputs
from .stage import (
    LabelContext,
    PhotoToLabel,
    label_photo,
    label_stage,
    read_label_counts,
)
from .summary import summarise


def write_labels(inputs: Inputs, found: Predictions | None, work: Work) -> Written:
    """Label all kept photos, and write the files that the options ask for.

    ``found``: the predictions, None for labels that exist already.
    """
    context = _context(inputs, found, work)
    stage = label_stage(context, photos_to_label(inputs, found))
    work.carry_out(stage)
    names = [shard.name for shard in stage.shards]
    counts = [read_label_counts(work.kept, name) for name in names]
    summary = summarise(inputs.names, len(inputs.indices), found, counts)
    files = write_outputs(inputs, context, names, found, summary, work)
    return Written(
        [*files, *work.files_of(stage.shards)],
        found.photos if found else {},
        msgspec.to_builtins(summary),
    )


def labelled_size(inputs: Inputs, photo: PhotoToLabel, work: Work) -> int:
    """Bytes on the disk for a photo whose labels exist already."""
    return label_photo(_context(inputs, None, work), photo).size


def photos_to_label(inputs: Inputs, found: Predictions | None) -> list[PhotoToLabel]:
    """The kept photos, in the order of the document."""
    raws = inputs.document.raw_images
    photos = []
    for index, (k, image) in enumerate(zip(inputs.indices, inputs.images, strict=True)):
        if found is None or found.kept[index]:
            figures = None if found is None else found.figures[index]
            mask = inputs.mask_path(image)
            photos.append(PhotoToLabel(index, image, bytes(raws[k]), figures, mask))
    if not photos and found is not None:
        raise UserError(
            "--min-image-score",
            expected="a score that at least one photo reaches",
            found=f"{max(photo.score for photo in found.figures):.4f} as the best",
            advice="lower it, and start again with --overwrite",
        )
    return photos


def _context(inputs: Inputs, found: Predictions | None, work: Work) -> LabelContext:
    return LabelContext(
        source=_source(inputs, found, work),
        options=inputs.options,
        category_ids=inputs.category_ids,
        names=inputs.names,
        ignore_id=inputs.ignore_id or 0,
        models=[origin.short for origin in inputs.origins],
        thresholds=in_units(found.thresholds) if found else [],
        # A dry run writes nothing.
        journal=work.journal or Path(),
        roots=work.roots,
    )


def _source(inputs: Inputs, found: Predictions | None, work: Work) -> LabelSource:
    if found is not None:
        return PredictedLabels(work.kept, found.thresholds, inputs.options.agree)
    assert inputs.given is not None
    return inputs.given.source
