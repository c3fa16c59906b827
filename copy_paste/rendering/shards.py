"""Shards of the two stages: planning on labels, then rendering.

A plan shard plans its photos on labels alone and writes everything that follows from labels to the
journal: annotations, label maps, and the pixels that each paste replaces. A render shard reads
that, and renders the pixels.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from trashdata.coco.document import ImageRecord
from trashdata.coco.keys import MADE_OF
from trashdata.coco.write import BETWEEN
from trashdata.mask_codec.png import encode_label_png
from trashdata.photos import Photo, encode_jpeg, read_photo
from trashdata.provenance import BACKGROUND, DONOR, MadeOf, Role
from trashdata.runs.files import write_atomically
from trashdata.runs.records import ShardRecord
from trashdata.runs.writer import ShardWriter

from ..donors.donors import Donor
from ..methods.method import Method
from ..planning.candidates import Material
from ..planning.plan import PhotoPlan
from ..planning.scene import Scene
from ..planning.summary import ShardSummary, summary_of_shard
from .annotate import annotation_records, image_provenance, scene_labels
from .render import PixelCache, Stencil, paste_donor, render_background


class PlannedPhoto(msgspec.Struct, frozen=True, array_like=True):
    """A plan and its labels: annotations without ids, the pixels of each paste, the label map,
    the provenance."""

    plan: PhotoPlan
    annotations: list[bytes]
    stencils: list[Stencil]
    mask: bytes
    provenance: dict[str, Any]


@dataclass(frozen=True)
class PlanShard:
    """Photos to plan.

    Parameters
    ----------
    indices : of the photos.
    journal : the folder for the planned photos; None if they are not kept.
    plans : plans that exist already.
    """

    indices: range
    journal: Path | None
    plans: Sequence[PhotoPlan] | None = None


@dataclass(frozen=True)
class RenderShard:
    """Photos that a plan shard wrote to the journal, and the id of their first annotation."""

    start: int
    first_annotation: int
    journal: Path

    @property
    def name(self) -> str:
        """The shard's name in the journal."""
        return f"render-{self.start:09}"


@dataclass(frozen=True)
class Context:
    """What all shards share.

    Parameters
    ----------
    donor_photos : the images that donors are cut from, by `Donor.photo`.
    file : the name of the input's COCO file.
    donor_file : the name of the donors' COCO file, if it is another one than the input.
    carried : what the synthetic ones among backgrounds and donors were made of, by ``images`` or
        ``donors`` and the image id.
    digits : the least number of digits in a new photo's file name.
    cache_bytes : bound for decoded donor crops, and another one of the same size for photos.
    """

    method: Method
    material: Material
    image_root: Path
    donor_root: Path
    donor_photos: Sequence[ImageRecord]
    file: str
    donor_file: str | None
    carried: Mapping[tuple[str, int], Sequence[MadeOf]]
    roots: Mapping[str, Path]
    class_count: int
    first_image_id: int
    digits: int
    cache_bytes: int

    @property
    def root_of_donors(self) -> str:
        """What the names of donors' photos begin with, in records of what was read."""
        return "images" if self.donor_file is None else "donors"

    @cached_property
    def crops(self) -> PixelCache:
        """Decoded donors by their index."""
        return PixelCache(self.cache_bytes)

    @cached_property
    def photos(self) -> PixelCache:
        """Decoded photos."""
        return PixelCache(self.cache_bytes)

    def photo(self, root: Path, image: ImageRecord) -> Photo:
        """A photo, for a background or a donor."""
        key = root, image.file_name, image.width, image.height
        return self.photos.get(key, partial(read_photo, root, image, self.method.options.exif))

    def image_name(self, index: int) -> str:
        """The name of a new photo under the image root."""
        return f"{self.method.options.out}/images/{self._number(index)}.jpg"

    def mask_name(self, index: int) -> str:
        """The name of its mask in the data folder."""
        return f"{self.method.options.out}/masks/{self._number(index)}.png"

    def _number(self, index: int) -> str:
        return f"{self.method.first_number + index:0{self.digits}}"


def plan_shard(context: Context, shard: PlanShard) -> ShardSummary:
    """Plan a shard's photos; write them to the journal if there is one."""
    photos = [_planned_scene(context, shard, index) for index in shard.indices]
    if shard.journal is not None:
        content = [planned_photo(context, plan, scene) for plan, scene in photos]
        path = _plan_path(shard.journal, shard.indices.start)
        write_atomically(path, msgspec.msgpack.encode(content))
    return summary_of_shard(photos, context.class_count)


def _planned_scene(context: Context, shard: PlanShard, index: int) -> tuple[PhotoPlan, Scene]:
    if shard.plans is None:
        return context.method.plan_photo(index, context.material)
    plan = shard.plans[index - shard.indices.start]
    return plan, context.method.builder(context.material).again(plan)


def _plan_path(journal: Path, start: int) -> Path:
    return journal / f"plan-{start:09}.msgpack"


def planned_photo(context: Context, plan: PhotoPlan, scene: Scene) -> PlannedPhoto:
    """Work out everything about a photo that follows from its labels."""
    donors = context.material.donors
    ids = {p.donor: context.donor_photos[donors[p.donor].photo].id for p in plan.pastes}
    form = context.method.options.segmentation
    records = annotation_records(scene, ids, context.donor_file, form)
    background = context.material.backgrounds[plan.background].image.id
    return PlannedPhoto(
        plan,
        [msgspec.json.encode(record) for record in records],
        [Stencil.of(windows) for windows in scene.pastes],
        encode_label_png(scene_labels(scene)),
        image_provenance(scene, background),
    )


def render_shard(context: Context, shard: RenderShard) -> ShardRecord:
    """Write the photos of a planned shard, their masks and their records."""
    content = _plan_path(shard.journal, shard.start).read_bytes()
    planned = msgspec.msgpack.decode(content, type=list[PlannedPhoto])
    writer = ShardWriter(shard.journal, context.roots, shard.name)
    indices = [photo.plan.index for photo in planned]
    writer.intend(
        [("images", context.image_name(index)) for index in indices]
        + [("data", context.mask_name(index)) for index in indices]
    )
    images, annotations = [], []
    annotation_id = shard.first_annotation
    for photo in planned:
        index = photo.plan.index
        pixels = render(context, photo, writer.photos)
        encoded = encode_jpeg(pixels, context.method.options.quality)
        writer.write("images", context.image_name(index), encoded)
        writer.write("data", context.mask_name(index), photo.mask)
        images.append(_image_line(context, photo, pixels.shape, writer.photos))
        for record in photo.annotations:
            ids = f'{{"id":{annotation_id},"image_id":{context.first_image_id + index},'
            annotations.append(ids.encode() + record[1:])
            annotation_id += 1
    for kind, lines in (("images", images), ("annotations", annotations)):
        write_atomically(shard.journal / f"{shard.name}.{kind}", BETWEEN.join(lines))
    return writer.record()


def _image_line(
    context: Context, photo: PlannedPhoto, shape: tuple[int, ...], read: Mapping[str, str]
) -> bytes:
    index = photo.plan.index
    made_of = msgspec.to_builtins(_made_of(context, photo.plan, read))
    return msgspec.json.encode(
        {
            "id": context.first_image_id + index,
            "file_name": context.image_name(index),
            "width": shape[1],
            "height": shape[0],
            "trashdata": photo.provenance | {MADE_OF: made_of},
        }
    )


def _made_of(context: Context, plan: PhotoPlan, read: Mapping[str, str]) -> list[MadeOf]:
    """The photos that a new photo was made of: the background first, each once."""
    background = context.material.backgrounds[plan.background].image
    used: list[tuple[Role, str, str, ImageRecord]] = [
        (BACKGROUND, context.file, "images", background)
    ]
    donor_file = context.donor_file or context.file
    for paste in plan.pastes:
        image = context.donor_photos[context.material.donors[paste.donor].photo]
        used.append((DONOR, donor_file, context.root_of_donors, image))
    found: dict[MadeOf, None] = {}
    for role, file, root, image in used:
        sha256 = read[f"{root}:{image.file_name}"]
        found[MadeOf(role, file, image.id, image.file_name, sha256)] = None
        carried = context.carried.get((root, image.id), ())
        found |= dict.fromkeys(photo.within(role) for photo in carried)
    return [*found]


def render(context: Context, photo: PlannedPhoto, read: dict[str, str]) -> NDArray[np.uint8]:
    """Render a planned photo; adds the SHA-256 of the photos that it reads to ``read``, by name."""
    options = context.method.options
    number = photo.plan.background
    image = context.material.backgrounds[number].image
    background = context.photo(context.image_root, image)
    read[f"images:{image.file_name}"] = background.sha256
    size = context.material.size_on(number)
    canvas = render_background(background.pixels, photo.plan.jitter, size)
    root = context.root_of_donors
    for paste, stencil in zip(photo.plan.pastes, photo.stencils, strict=True):
        donor = context.material.donors[paste.donor]
        source = context.donor_photos[donor.photo]
        crop = context.crops.get(paste.donor, partial(_load_crop, context, donor, source))
        read[f"{root}:{source.file_name}"] = crop.sha256
        paste_donor(canvas, crop.pixels, paste.transform, stencil, options.blend, paste.warp)
    return canvas


def _load_crop(context: Context, donor: Donor, source: ImageRecord) -> Photo:
    photo = context.photo(context.donor_root, source)
    x, y, width, height = donor.crop
    return Photo(photo.pixels[y : y + height, x : x + width].copy(), photo.sha256)


def bytes_of(context: Context, shard: PlanShard) -> int:
    """Bytes of a shard's photos, masks and annotations, made in memory."""
    size = 0
    for index in shard.indices:
        photo = planned_photo(context, *_planned_scene(context, shard, index))
        encoded = encode_jpeg(render(context, photo, {}), context.method.options.quality)
        size += len(encoded) + len(photo.mask) + sum(map(len, photo.annotations))
    return size
