"""The second stage: labels of the kept photos, as records for the JSON and as PNGs."""

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
from trashdata.runs.stage import Stage
from trashdata.runs.writer import ShardWriter

from ..labels.photo_labels import PhotoLabels, read_photo_labels
from ..labels.source import LabelSource
from ..options import PseudoOptions
from ..predicting.confidence import Counts
from ..predicting.stage import PhotoFigures
from ..shards import PhotoShard, split_photos


@dataclass(frozen=True)
class PhotoToLabel:
    """A photo to label.

    ``index``: among all photos of the run; ``raw``: its record as it was read; ``figures``: of its
    prediction; ``mask``: path of its label PNG, None without --masks.
    """

    index: int
    image: ImageRecord
    raw: bytes
    figures: PhotoFigures | None
    mask: str | None


@dataclass(frozen=True)
class LabelContext:
    """Context of the shards.

    ``category_ids``: by class index, None for the background; ``models``: names for the provenance;
    ``thresholds``: 0 to 1 by class index, empty if there are none; ``names``: of the classes by
    index.
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


class LabelCounts(msgspec.Struct, frozen=True, array_like=True):
    """Counts of a shard.

    ``annotations``, ``pixels``: by class index; ``ignored``, ``ignored_pixels``: photos with
    unsure regions that training is to ignore, and how many pixels these have.
    """

    photos: int
    annotations: list[int]
    pixels: list[int]
    ignored: int
    ignored_pixels: int


@dataclass(frozen=True)
class LabelledPhoto:
    """A photo's image record, its annotations (JSON), and its label PNG.

    ``counts``: annotations and pixels by class index, the last for ignored regions, (2, channels +
    1).
    """

    image: bytes
    annotations: Sequence[bytes]
    mask: bytes | None
    counts: Counts

    @property
    def size(self) -> int:
        """Bytes on the disk."""
        return len(self.image) + sum(map(len, self.annotations)) + len(self.mask or b"")


def label_stage(
    context: LabelContext, photos: Sequence[PhotoToLabel]
) -> Stage[LabelContext, PhotoShard[PhotoToLabel]]:
    """The stage that labels these photos."""
    return Stage("Labelling", label_shard, context, split_photos(photos, "label-{:09}"))


def label_shard(context: LabelContext, shard: PhotoShard[PhotoToLabel]) -> ShardRecord:
    """Label a shard's photos: write records to the journal, label PNGs to their folder."""
    writer = ShardWriter(context.journal, context.roots, shard.name)
    writer.intend([("data", photo.mask) for photo in shard.photos if photo.mask is not None])
    images: list[bytes] = []
    annotations: list[bytes] = []
    totals = np.zeros((2, len(context.names) + 1), dtype=np.int64)
    for photo in shard.photos:
        labelled = label_photo(context, photo)
        images.append(labelled.image)
        annotations += labelled.annotations
        totals += labelled.counts
        if photo.mask is not None and labelled.mask is not None:
            writer.write("data", photo.mask, labelled.mask)
    (*counts, ignored), (*pixels, ignored_pixels) = totals.tolist()
    found = LabelCounts(len(shard.photos), counts, pixels, ignored, ignored_pixels)
    for ending, lines in (("images", images), ("annotations", annotations)):
        content = b"".join(line + b"\n" for line in lines)
        write_atomically(context.journal / f"{shard.name}.{ending}", content)
    write_atomically(_counts_path(context.journal, shard.name), msgspec.msgpack.encode(found))
    return writer.record()


def read_label_counts(journal: Path, shard: str) -> LabelCounts:
    """Read the counts of a shard."""
    return msgspec.msgpack.decode(_counts_path(journal, shard).read_bytes(), type=LabelCounts)


def _counts_path(journal: Path, shard: str) -> Path:
    return journal / f"{shard}.tally"


def label_photo(context: LabelContext, photo: PhotoToLabel) -> LabelledPhoto:
    """Label one photo, in memory."""
    labels = read_photo_labels(context.source, photo.index, photo.image, context.options)
    return LabelledPhoto(
        image=_image_line(context, photo),
        annotations=[
            msgspec.json.encode(record) for record in _annotations(context, photo, labels)
        ],
        mask=None if photo.mask is None else encode_label_png(labels.labels),
        counts=_counts(labels, len(context.names)),
    )


def _counts(labels: PhotoLabels, channels: int) -> Counts:
    regions = np.bincount(
        [item.class_index for item in labels.regions] or [0], minlength=channels + 1
    )
    regions[0] = 0
    pixels = np.bincount(labels.labels.ravel(), minlength=256)
    ignored = int((labels.unsure == IGNORE_INDEX).sum())
    regions[channels] = ignored > 0
    return np.stack([regions, [*pixels[:channels], ignored]])


def _image_line(context: LabelContext, photo: PhotoToLabel) -> bytes:
    """The image's record with its provenance; everything else is unchanged."""
    provenance: dict[str, Any] = {"models": list(context.models)}
    if photo.figures is not None:
        provenance["confidence"] = photo.figures.confidence
        if photo.figures.agreement is not None:
            provenance["agreement"] = photo.figures.agreement
    return replaced(photo.raw, {"trashdata": photo.image.trashdata | provenance})


def _annotations(
    context: LabelContext, photo: PhotoToLabel, labels: PhotoLabels
) -> Iterator[dict[str, Any]]:
    """The annotations of a photo, without ids, the ignored region last."""
    image = photo.image
    shape = (image.height, image.width)
    for item in labels.regions:
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
        provenance: dict[str, Any] = {"models": list(context.models)}
        if context.thresholds:
            name = context.names[item.class_index]
            provenance["thresholds"] = {name: context.thresholds[item.class_index]}
        yield msgspec.to_builtins(annotation) | score | {"trashdata": provenance}
    if (labels.unsure == IGNORE_INDEX).any():
        ignored = ignore_annotation(labels.unsure, image_id=image.id, category_id=context.ignore_id)
        yield msgspec.to_builtins(ignored)
