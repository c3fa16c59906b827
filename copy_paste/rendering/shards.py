"""The two kinds of shards: plans on labels, then pixels.

A plan shard works out its photos on labels alone and keeps all that follows from labels in the
journal: annotations, label masks, and which pixels each paste replaces. A render shard reads
that, and only has the pixels left to do.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from trashdata.coco.document import ImageRecord
from trashdata.coco.write import BETWEEN
from trashdata.mask_codec.png import encode_label_png
from trashdata.photos import Photo, encode_jpeg, read_photo
from trashdata.runs.files import write_atomically
from trashdata.runs.records import ShardRecord
from trashdata.runs.writer import ShardWriter

from ..donors.donors import Donor
from ..options import CopyPasteOptions
from ..planning.candidates import Material
from ..planning.plan import PhotoPlan, plan_photo
from ..planning.scene import Scene, SceneObject
from .annotate import annotation_records, image_provenance, scene_labels
from .render import PixelCache, Stencil, paste_donor, render_background

# Photos a shard: what a killed run makes anew, at most, for each worker. Fewer would have the
# parent compete with two workers for two cores.
SHARD = 50


class PlannedPhoto(msgspec.Struct, frozen=True, array_like=True):
    """A plan with what follows from it on labels: annotations without ids,
    the pixels of each paste, the label mask, provenance."""

    plan: PhotoPlan
    annotations: list[bytes]
    stencils: list[Stencil]
    mask: bytes
    provenance: dict[str, Any]


@dataclass
class Context:
    """What the shards share."""

    material: Material
    image_root: Path
    donor_root: Path
    donor_photos: Sequence[ImageRecord]
    donor_file: str | None
    options: CopyPasteOptions
    roots: dict[str, Path]
    class_count: int
    num: int
    first_image_id: int
    digits: int
    cache_bytes: int
    journal: Path | None = None
    # How a photo is planned, and the number of the first one's file.
    plan_photo: Callable[[int, Material], tuple[PhotoPlan, Scene]] = plan_photo
    first_number: int = 0

    @cached_property
    def crops(self) -> PixelCache:
        return PixelCache(self.cache_bytes)

    @cached_property
    def photos(self) -> PixelCache:
        return PixelCache(self.cache_bytes)

    def photo(self, root: Path, image: ImageRecord) -> Photo:
        """A photo, as background or to cut a donor from."""
        key = root, image.file_name, image.width, image.height
        return self.photos.get(key, partial(read_photo, root, image, self.options.exif))

    def image_name(self, index: int) -> str:
        return f"{self.options.out}/images/{self.first_number + index:0{self.digits}}.jpg"

    def mask_name(self, index: int) -> str:
        return f"{self.options.out}/masks/{self.first_number + index:0{self.digits}}.png"


class ShardPlan(msgspec.Struct, frozen=True):
    """What a plan shard counts: annotations a photo, objects and pixels by class index - 1,
    places used."""

    annotations: list[int]
    added: list[int]
    added_pixels: list[int]
    pasted: list[int]
    backgrounds: list[int]
    donors: list[int]


class Summary(msgspec.Struct, frozen=True):
    """What the plans of all photos add up to; objects and pixels per class index - 1."""

    annotations: list[int]  # for each photo
    added: list[int]
    added_pixels: list[int]
    pasted: list[int]
    backgrounds: list[int]  # places of the photos that serve
    donors: list[int]
    most_pastes: int = 0  # of one donor
    most_backgrounds: int = 0  # uses of one background


def plan_shard(context: Context, start: int) -> ShardPlan:
    """Plan the photos from ``start`` on; keep them in the journal if there is one."""
    stop = min(start + SHARD, context.num)
    photos = [context.plan_photo(index, context.material) for index in range(start, stop)]
    added = np.zeros(context.class_count + 1, dtype=np.int64)
    pixels, pasted = np.zeros_like(added), np.zeros_like(added)
    for _, scene in photos:
        for item in _shown_objects(scene):
            added[item.source.class_index] += 1
            pixels[item.source.class_index] += item.visible
            pasted[item.source.class_index] += item.donor is not None
    if context.journal is not None:
        content = [_planned(context, plan, scene) for plan, scene in photos]
        path = context.journal / f"plan-{start:09}.msgpack"
        write_atomically(path, msgspec.msgpack.encode(content))
    return ShardPlan(
        annotations=[sum(item.visible > 0 for item in scene.objects) for _, scene in photos],
        added=added[1:].tolist(),
        added_pixels=pixels[1:].tolist(),
        pasted=pasted[1:].tolist(),
        backgrounds=[plan.background for plan, _ in photos],
        donors=[paste.donor for plan, _ in photos for paste in plan.pastes],
    )


def _shown_objects(scene: Scene) -> list[SceneObject]:
    return [item for item in scene.objects if item.visible > 0 and not item.source.ignore]


def _planned(context: Context, plan: PhotoPlan, scene: Scene) -> PlannedPhoto:
    donors = context.material.donors
    ids = {p.donor: context.donor_photos[donors[p.donor].photo].id for p in plan.pastes}
    records = annotation_records(scene, ids, context.donor_file, context.options.segmentation)
    background = context.material.backgrounds[plan.background].image.id
    return PlannedPhoto(
        plan,
        [msgspec.json.encode(record) for record in records],
        [Stencil.of(windows) for windows in scene.pastes],
        encode_label_png(scene_labels(scene)),
        image_provenance(scene, background),
    )


def render_shard(context: Context, shard: tuple[int, int]) -> ShardRecord:
    """Make the photos of a planned shard; ``shard``: its first photo and first annotation id."""
    start, annotation_id = shard
    assert context.journal is not None
    content = (context.journal / f"plan-{start:09}.msgpack").read_bytes()
    planned = msgspec.msgpack.decode(content, type=list[PlannedPhoto])
    writer = ShardWriter(context.journal, context.roots, f"render-{start:09}")
    indices = [photo.plan.index for photo in planned]
    writer.intend(
        [("images", context.image_name(index)) for index in indices]
        + [("data", context.mask_name(index)) for index in indices]
    )
    images, annotations = [], []
    for photo in planned:
        index = photo.plan.index
        pixels = _render(context, photo, writer)
        encoded = encode_jpeg(pixels, context.options.quality)
        writer.write("images", context.image_name(index), encoded)
        writer.write("data", context.mask_name(index), photo.mask)
        images.append(_image_line(context, photo, pixels.shape))
        for record in photo.annotations:
            ids = f'{{"id":{annotation_id},"image_id":{context.first_image_id + index},'
            annotations.append(ids.encode() + record[1:])
            annotation_id += 1
    for kind, lines in (("images", images), ("annotations", annotations)):
        path = context.journal / f"render-{start:09}.{kind}"
        write_atomically(path, BETWEEN.join(lines))
    return writer.record()


def _image_line(context: Context, photo: PlannedPhoto, shape: tuple[int, ...]) -> bytes:
    index = photo.plan.index
    return msgspec.json.encode(
        {
            "id": context.first_image_id + index,
            "file_name": context.image_name(index),
            "width": shape[1],
            "height": shape[0],
            "trashdata": photo.provenance,
        }
    )


def _render(context: Context, photo: PlannedPhoto, writer: ShardWriter) -> NDArray[np.uint8]:
    options = context.options
    place = photo.plan.background
    image = context.material.backgrounds[place].image
    background = context.photo(context.image_root, image)
    writer.photos[f"images:{image.file_name}"] = background.sha256
    canvas = render_background(
        background.pixels, photo.plan.jitter, context.material.size_on(place)
    )
    root = "images" if context.donor_file is None else "donors"
    for paste, stencil in zip(photo.plan.pastes, photo.stencils, strict=True):
        donor = context.material.donors[paste.donor]
        source = context.donor_photos[donor.photo]
        crop = context.crops.get(paste.donor, partial(_load_crop, context, donor, source))
        writer.photos[f"{root}:{source.file_name}"] = crop.sha256
        paste_donor(canvas, crop.pixels, paste.transform, stencil, options.blend, paste.warp)
    return canvas


def _load_crop(context: Context, donor: Donor, source: ImageRecord) -> Photo:
    photo = context.photo(context.donor_root, source)
    x, y, width, height = donor.crop
    return Photo(photo.pixels[y : y + height, x : x + width].copy(), photo.sha256)
