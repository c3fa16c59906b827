"""Second pass: labels of the photos that are kept, as records for the JSON and as PNGs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from trashdata.coco.document import ImageRecord
from trashdata.coco.records import replaced
from trashdata.coco.regions import ignore_annotation, region_annotation
from trashdata.mask_codec.png import encode_label_png
from trashdata.palette import IGNORE_INDEX
from trashdata.runs.files import write_atomically
from trashdata.runs.records import ShardRecord
from trashdata.runs.writer import ShardWriter

from ..labels.photo_labels import LabelSource, PhotoLabels, finish_labels
from ..options import PseudoOptions
from ..predicting.first_pass import PhotoFigures

SHARD = 50


@dataclass(frozen=True)
class Task:
    """A photo to be labelled; ``place``: among all; ``raw``: its record as it was read."""

    place: int
    image: ImageRecord
    raw: bytes
    figures: PhotoFigures | None
    mask: str | None


@dataclass(frozen=True)
class LabelContext:
    """What the shards share.

    ``category_ids``: by class index, None for the background; ``models``: names for the
    provenance; ``thresholds``: 0 to 1 by class index, empty where there are none; ``names``: of
    the classes by index.
    """

    source: LabelSource
    options: PseudoOptions
    category_ids: Sequence[int | None]
    names: Sequence[str]
    ignore_id: int
    models: Sequence[str]
    thresholds: Sequence[float | None]
    journal: Path
    roots: Mapping[str, Path]


class LabelTally(msgspec.Struct, frozen=True, array_like=True):
    """Annotations and pixels by class index; photos with ignored regions, and their pixels."""

    photos: int
    annotations: list[int]
    pixels: list[int]
    ignored: int
    ignored_pixels: int


def shards_of(tasks: Sequence[Task]) -> Iterator[tuple[str, tuple[Task, ...]]]:
    """Name and tasks of each shard."""
    for start in range(0, len(tasks), SHARD):
        yield f"label-{start:09}", tuple(tasks[start : start + SHARD])


def label_shard(context: LabelContext, shard: tuple[str, tuple[Task, ...]]) -> ShardRecord:
    """Label photos: records into the journal, label PNGs to where they stay."""
    name, tasks = shard
    writer = ShardWriter(context.journal, context.roots, name)
    writer.intend([("data", task.mask) for task in tasks if task.mask is not None])
    images: list[bytes] = []
    annotations: list[bytes] = []
    totals = np.zeros((2, len(context.names) + 1), dtype=np.int64)
    for task in tasks:
        found = labels_of(context.source, task, context.options)
        images.append(_image_line(context, task))
        for record in _annotations(context, task, found):
            annotations.append(msgspec.json.encode(record))
        totals += _totals(found, len(context.names))
        if task.mask is not None:
            writer.write("data", task.mask, encode_label_png(found.labels))
    (*counts, ignored), (*pixels, ignored_pixels) = totals.tolist()
    tally = LabelTally(len(tasks), counts, pixels, ignored, ignored_pixels)
    for ending, lines in (("images", images), ("annotations", annotations)):
        content = b"".join(line + b"\n" for line in lines)
        write_atomically(context.journal / f"{name}.{ending}", content)
    write_atomically(context.journal / f"{name}.tally", msgspec.msgpack.encode(tally))
    return writer.record()


def read_tally(journal: Path, name: str) -> LabelTally:
    """What a shard counted."""
    return msgspec.msgpack.decode((journal / f"{name}.tally").read_bytes(), type=LabelTally)


def labels_of(source: LabelSource, task: Task, options: PseudoOptions) -> PhotoLabels:
    """What is written of one photo."""
    labels, confidence = source.labels(task.place, task.image)
    return finish_labels(labels, confidence, task.image, options)


def _totals(found: PhotoLabels, channels: int) -> Any:
    """Annotations and pixels by class index, the last for what is ignored; (2, channels + 1)."""
    regions = np.bincount(
        [item.class_index for item in found.regions] or [0], minlength=channels + 1
    )
    regions[0] = 0
    pixels = np.bincount(found.labels.ravel(), minlength=256)
    ignored = int((found.unsure == IGNORE_INDEX).sum())
    regions[channels] = ignored > 0
    return np.stack([regions, [*pixels[:channels], ignored]])


def _image_line(context: LabelContext, task: Task) -> bytes:
    """The image's record with its provenance; everything else stays as it was read."""
    own: dict[str, Any] = {"models": list(context.models)}
    if task.figures is not None:
        own["confidence"] = task.figures.confidence
        if task.figures.agreement is not None:
            own["agreement"] = task.figures.agreement
    return replaced(task.raw, {"trashdata": task.image.trashdata | own})


def _annotations(context: LabelContext, task: Task, found: PhotoLabels) -> Iterator[dict[str, Any]]:
    """The annotations of a photo, without ids, what is ignored last."""
    image = task.image
    shape = (image.height, image.width)
    for item in found.regions:
        category = context.category_ids[item.class_index]
        assert category is not None
        annotation = region_annotation(
            item.region,
            context.options.segmentation,
            shape,
            image_id=image.id,
            category_id=category,
        )
        score = {} if item.score is None else {"score": item.score}
        own: dict[str, Any] = {"models": list(context.models)}
        if context.thresholds:
            name = context.names[item.class_index]
            own["thresholds"] = {name: context.thresholds[item.class_index]}
        yield msgspec.to_builtins(annotation) | score | {"trashdata": own}
    if (found.unsure == IGNORE_INDEX).any():
        ignored = ignore_annotation(found.unsure, image_id=image.id, category_id=context.ignore_id)
        yield msgspec.to_builtins(ignored)
