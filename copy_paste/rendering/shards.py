"""Shards of the two stages: planning on labels, then rendering.

A plan shard plans its photos on labels alone and writes everything that follows from labels to the
journal: annotations, label maps, and the pixels that each paste replaces. A render shard reads
that, and renders the pixels.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from trashdata.coco.document import ImageRecord
from trashdata.coco.keys import MADE_OF
from trashdata.coco.write import BETWEEN
from trashdata.mask_codec.png import encode_label_png
from trashdata.photos import encode_jpeg
from trashdata.provenance import BACKGROUND, DONOR, MadeOf, Role
from trashdata.runs.files import write_atomically
from trashdata.runs.records import ShardRecord
from trashdata.runs.writer import ShardWriter

from ..methods.method import Method
from ..planning.candidates import Material
from ..planning.plan import PhotoPlan
from ..planning.scene import Scene
from ..planning.summary import ShardSummary, summary_of_shard
from .annotate import annotation_records, image_provenance, scene_labels
from .render import Stencil
from .renderer import Renderer


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
    file : the name of the input's COCO file.
    carried : what the synthetic ones among backgrounds and donors were made of, by ``images`` or
        ``donors`` and the image id.
    digits : the least number of digits in a new photo's file name.
    """

    method: Method
    renderer: Renderer
    file: str
    carried: Mapping[tuple[str, int], Sequence[MadeOf]]
    roots: Mapping[str, Path]
    class_count: int
    first_image_id: int
    digits: int

    @property
    def material(self) -> Material:
        """What photos are planned from."""
        return self.renderer.material

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
    renderer = context.renderer
    ids = {paste.donor: renderer.donor_image(paste.donor).id for paste in plan.pastes}
    form = context.method.options.segmentation
    records = annotation_records(scene, ids, renderer.donor_file, form)
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
        pixels = context.renderer.render(photo.plan, photo.stencils, writer.photos)
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
    renderer = context.renderer
    background = context.material.backgrounds[plan.background].image
    used: list[tuple[Role, str, str, ImageRecord]] = [
        (BACKGROUND, context.file, "images", background)
    ]
    donor_file = renderer.donor_file or context.file
    for paste in plan.pastes:
        image = renderer.donor_image(paste.donor)
        used.append((DONOR, donor_file, renderer.root_of_donors, image))
    found: dict[MadeOf, None] = {}
    for role, file, root, image in used:
        sha256 = read[f"{root}:{image.file_name}"]
        found[MadeOf(role, file, image.id, image.file_name, sha256)] = None
        carried = context.carried.get((root, image.id), ())
        found |= dict.fromkeys(photo.within(role) for photo in carried)
    return [*found]


def bytes_of(context: Context, shard: PlanShard) -> int:
    """Bytes of a shard's photos, masks and annotations, made in memory."""
    size = 0
    for index in shard.indices:
        photo = planned_photo(context, *_planned_scene(context, shard, index))
        pixels = context.renderer.render(photo.plan, photo.stencils, {})
        encoded = encode_jpeg(pixels, context.method.options.quality)
        size += len(encoded) + len(photo.mask) + sum(map(len, photo.annotations))
    return size
