"""The run of ``trashdata sample``: drawing a sample set."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from trashdata.coco.regions import bitmap_annotation
from trashdata.console import Reporter
from trashdata.outcome import Outcome
from trashdata.paths import DEFAULT_DATA
from trashdata.photos import encode_jpeg
from trashdata.runs.estimate import Estimate, measured
from trashdata.runs.files import write_atomically
from trashdata.runs.folder import RunFolder
from trashdata.runs.records import ShardRecord, run_identity
from trashdata.runs.run import Run, Written, carry_out
from trashdata.runs.stage import Stage, Work, split
from trashdata.runs.writer import ShardWriter
from trashdata.sample.documents import FILES, UNLABELLED, document_bytes
from trashdata.sample.drawing.scene import DrawnObject, SampleScene, draw_scene
from trashdata.sample.options import SampleOptions
from trashdata.sample.parts import PhotoPlan, plan_photos
from trashdata.sample.plan import CATEGORIES
from trashdata.sample.report import object_counts, show

# Drawing a photo takes much longer than a photo in other runs, so shards are smaller.
_PHOTOS_A_SHARD = 10
_SHARD_NAME = "photos-{:06}"
_QUALITY = 90


def sample(
    data: Path | str = DEFAULT_DATA,
    options: SampleOptions | None = None,
    *,
    workers: int = 1,
    scheduler: str | None = None,
    dry_run: bool = False,
    overwrite: bool = False,
    reporter: Reporter | None = None,
) -> Outcome:
    """Draw a sample set into a new folder: photos in three batch folders, four JSON files.

    ``train.json`` and ``val.json`` divide the photos of ``train_all.json``; ``test.json`` holds
    photos without annotations. The same options give the same bytes.

    Parameters
    ----------
    data : the folder, made if it does not exist.
    workers : processes; with more than one, call from under ``if __name__ == "__main__"``.
    scheduler : address of a Dask scheduler, whose workers are to do it instead.
    dry_run : make every check, write nothing.
    overwrite : replace what an earlier run wrote there.

    Raises
    ------
    UserError : the folder holds files that an earlier run of this command did not make.
    """
    reporter = reporter or Reporter()
    return carry_out(
        SampleRun(Path(data), options or SampleOptions(), reporter),
        workers=workers,
        scheduler=scheduler,
        dry_run=dry_run,
        overwrite=overwrite,
        reporter=reporter,
    )


@dataclass(frozen=True)
class SampleRun(Run[list[PhotoPlan]]):
    """The plan: the objects of each photo, and its file."""

    data: Path
    options: SampleOptions
    reporter: Reporter

    def destination(self, *, overwrite: bool) -> RunFolder:
        """The data folder itself."""
        identity = run_identity("sample", asdict(self.options), {})
        roots = {"data": self.data}
        return RunFolder(self.data, identity, roots, overwrite=overwrite, option="--data")

    def outputs(self) -> Iterable[tuple[str, str]]:
        """The photos and the JSON files."""
        names = [photo.file_name for photo in self._photos()]
        return (("data", name) for name in (*names, *FILES))

    def plan(self, work: Work) -> list[PhotoPlan]:  # noqa: ARG002
        """The photos, those of ``train_all.json`` first."""
        return self._photos()

    def _photos(self) -> list[PhotoPlan]:
        return plan_photos(self.options.images, self.options.seed)

    def estimate(self, plan: list[PhotoPlan], work: Work) -> Estimate:
        """Estimate from a few photos."""
        context = _Context(self.options, Path(), {})
        return measured(plan, lambda photo: len(_jpeg(_scene(context, photo))), work.workers.number)

    def write(self, plan: list[PhotoPlan], work: Work) -> Written:
        """Draw the photos in shards, then write the JSON files, which need all annotations."""
        context = _Context(self.options, work.kept, work.roots)
        shards = split(plan, _SHARD_NAME, _PHOTOS_A_SHARD)
        work.carry_out(Stage("Photos", _write_shard, context, shards))
        annotations = [_annotation_file(work.kept, shard.name) for shard in shards]
        documents = work.writer("documents")
        documents.intend([("data", name) for name in FILES])
        for name in FILES:
            content = document_bytes(plan, name, self.options.size, annotations)
            documents.write("data", name, content)
        return Written([*work.files_of(shards), *documents.files], {}, {"photos": len(plan)})

    def outcome(self, plan: list[PhotoPlan], summary: Mapping[str, Any] | None) -> Outcome:
        """Show tables of the classes and of the files."""
        if summary is None:
            self.reporter.note(f"Would draw {len(plan)} photos into {self.data}.")
        else:
            show(plan, str(self.data), self.reporter)
        return Outcome(
            command="sample",
            inputs={},
            outputs=[str(self.data)],
            counts={
                "photos": len(plan),
                "annotations": object_counts(plan, "train_all.json").total(),
                "classes": len(CATEGORIES),
            },
            warnings=self.reporter.warnings,
        )


@dataclass(frozen=True)
class _Context:
    """Context of the shards."""

    options: SampleOptions
    journal: Path
    roots: Mapping[str, Path]


def _annotation_file(journal: Path, shard: str) -> Path:
    """The file of a shard's annotations, one per line, until all shards are drawn."""
    return journal / f"{shard}.annotations"


def _write_shard(context: _Context, shard: tuple[int, tuple[PhotoPlan, ...]]) -> ShardRecord:
    index, photos = shard
    writer = ShardWriter(context.journal, context.roots, _SHARD_NAME.format(index))
    writer.intend([("data", photo.file_name) for photo in photos])
    lines = []
    for photo in photos:
        scene = _scene(context, photo)
        writer.write("data", photo.file_name, _jpeg(scene))
        if photo.part != UNLABELLED:
            lines += _annotation_lines(photo, scene.objects)
    write_atomically(_annotation_file(context.journal, writer.shard), b"".join(lines))
    return writer.record()


def _scene(context: _Context, photo: PhotoPlan) -> SampleScene:
    rng = np.random.default_rng([context.options.seed, photo.index])
    return draw_scene(photo.kinds, size=context.options.size, rng=rng)


def _jpeg(scene: SampleScene) -> bytes:
    return encode_jpeg(scene.photo, _QUALITY)


def _annotation_lines(photo: PhotoPlan, objects: Iterable[DrawnObject]) -> list[bytes]:
    """Encoded annotations, one per object with all its parts.

    Ids rise in painting order, by falling area, so that ties are painted in the same order.
    """
    lines = []
    for number, drawn in enumerate(objects, start=photo.first_annotation_id):
        category_id = CATEGORIES.index(drawn.category) + 1
        annotation = bitmap_annotation(
            drawn.mask, "polygon", image_id=photo.image_id, category_id=category_id
        )
        lines.append(b'{"id":%d,%b\n' % (number, msgspec.json.encode(annotation)[1:]))
    return lines
