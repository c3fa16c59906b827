"""New photos of rare classes: the run of ``trashdata copy-paste`` and of ``oversample``.

All photos are planned on labels, then the photos that the plan uses are checked, then new photos
are written.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cached_property, partial
from heapq import merge
from itertools import chain
from pathlib import Path
from typing import Any, ClassVar

import msgspec
import numpy as np

from trashdata.coco.write import blocks_of, top_of, write_document
from trashdata.console import Reporter
from trashdata.outcome import Outcome
from trashdata.paths import DEFAULT_DATA, DataFolders, refuse_input_as_output
from trashdata.photos import check_photo
from trashdata.runs.estimate import Estimate, measured
from trashdata.runs.files import open_atomically
from trashdata.runs.folder import RunFolder
from trashdata.runs.hashes import file_sha256
from trashdata.runs.records import FileEntry, Manifest, run_identity
from trashdata.runs.run import Run, Written, carry_out
from trashdata.runs.stage import SHARD_SIZE, NamedShard, Stage, Work
from trashdata.runs.workers import warm_up

from .inputs import Inputs, read_inputs
from .methods.copy_paste import CopyPaste
from .methods.method import Method
from .methods.oversample import Oversample
from .options import CopyPasteOptions, OversampleOptions
from .planning.planner import GoalPlan
from .planning.summary import PasteSummary, ShardSummary, add_up
from .planning.towards_goals import plan_towards_goals
from .rendering.renderer import CACHE_BYTES
from .rendering.shards import Context, PlanShard, RenderShard, bytes_of, plan_shard, render_shard
from .repeats.run import repeat_factor
from .report import report


def copy_paste(
    data: Path | str = DEFAULT_DATA,
    options: CopyPasteOptions | None = None,
    *,
    images: Path | str | None = None,
    workers: int = 1,
    scheduler: str | None = None,
    dry_run: bool = False,
    overwrite: bool = False,
    reporter: Reporter | None = None,
) -> Outcome:
    """Make new photos by pasting objects of rare classes onto the photos of a COCO set.

    Parameters
    ----------
    data : the data folder; ``options.json`` and ``options.out`` are names in it.
    images : the root that every ``file_name`` is relative to; the data folder by default.
    workers : processes; with more than one, call from under ``if __name__ == "__main__"``.
    scheduler : address of a Dask scheduler, whose workers are to do it instead.
    dry_run : plan and report, write nothing.
    overwrite : replace what an earlier run wrote under the same name.

    Returns
    -------
    What was read, written and counted; ``figures["classes"]`` holds objects per class.

    Raises
    ------
    UserError : anything that the user can fix; nothing is written, or the state can be resumed.

    References
    ----------
    Ghiasi et al. 2021, "Simple Copy-Paste is a Strong Data Augmentation Method for Instance
    Segmentation", arXiv 2012.07177.
    """
    folders = DataFolders.of(data, images)
    method = CopyPaste(_with_plain_out((options or CopyPasteOptions()).resolved(), folders))
    reporter = reporter or Reporter()
    return carry_out(
        _read(folders, method, workers, scheduler, reporter),
        workers=workers,
        scheduler=scheduler,
        dry_run=dry_run,
        overwrite=overwrite,
        reporter=reporter,
    )


def oversample(
    data: Path | str = DEFAULT_DATA,
    options: OversampleOptions | None = None,
    *,
    images: Path | str | None = None,
    workers: int = 1,
    scheduler: str | None = None,
    dry_run: bool = False,
    overwrite: bool = False,
    reporter: Reporter | None = None,
) -> Outcome:
    """Make new photos by pasting one object at its original position onto photos with one object.

    A donor is flipped about its centre and bent elastically, together with its mask. All
    backgrounds are used equally often, and never for donors cut from them. With
    ``options.repeat_factor`` no photo is made: see `repeat_factor`.

    Parameters, return value and errors are those of `copy_paste`.

    References
    ----------
    Simard, Steinkraus, Platt 2003, "Best Practices for Convolutional Neural Networks Applied to
    Visual Document Analysis", ICDAR: elastic deformation.
    """
    options, reporter = options or OversampleOptions(), reporter or Reporter()
    if options.repeat_factor is not None:
        return repeat_factor(
            data, options.repeats(), dry_run=dry_run, overwrite=overwrite, reporter=reporter
        )
    folders = DataFolders.of(data, images)
    method = Oversample(_with_plain_out(options.paste_options(), folders), options)
    return carry_out(
        _read(folders, method, workers, scheduler, reporter),
        workers=workers,
        scheduler=scheduler,
        dry_run=dry_run,
        overwrite=overwrite,
        reporter=reporter,
    )


def _with_plain_out(options: CopyPasteOptions, folders: DataFolders) -> CopyPasteOptions:
    return replace(options, out=folders.output_name(options.out))


def _read(
    folders: DataFolders, method: Method, workers: int, scheduler: str | None, reporter: Reporter
) -> NewPhotosRun:
    if workers > 1 and scheduler is None:
        # They start while this process reads.
        warm_up("trashdata.copy_paste.rendering.shards")
    _refuse_inputs_as_output(folders, method.options)
    inputs = read_inputs(folders, method, reporter, workers=workers)
    return NewPhotosRun(inputs, method, CACHE_BYTES // max(1, workers), reporter)


def _refuse_inputs_as_output(folders: DataFolders, options: CopyPasteOptions) -> None:
    names = [name for name in (options.json, options.donors) if name is not None]
    output = folders.data / f"{options.out}.json"
    refuse_input_as_output(output, [folders.input_json(name) for name in names])


@dataclass(frozen=True)
class NewPhotosRun(Run[PasteSummary]):
    """``cache_bytes``: bound for decoded crops, and another one for photos, in each worker."""

    source: Inputs
    method: Method
    cache_bytes: int
    reporter: Reporter

    plan_type: ClassVar[Any] = PasteSummary

    # --- identity ---

    @property
    def _name(self) -> str:
        return self.method.options.out

    @property
    def _folders(self) -> DataFolders:
        return self.source.sets.folders

    @property
    def _json_path(self) -> Path:
        return self._folders.data / f"{self._name}.json"

    def destination(self, *, overwrite: bool) -> RunFolder:
        """The folder of the masks; photos go to a folder of the same name under the image root."""
        path = self._folders.data / self._name
        return RunFolder(path, self._identity(), self._context.roots, overwrite=overwrite)

    def _identity(self) -> dict[str, Any]:
        options = asdict(self.method.options) | dict(self.method.identity)
        for key in ("json", "donors"):
            options[key] = options[key] and Path(options[key]).name
        options["donor_images"] = options["donor_images"] is not None
        options["patch"] = [category.name for category in self.source.patch]
        return run_identity(self.method.command, options, self.source.sets.hashes)

    @cached_property
    def _context(self) -> Context:
        """The shards' context; one object, so that all stages use the same worker processes."""
        source, sets = self.source, self.source.sets
        last = self.method.first_number + source.limit - 1
        return Context(
            method=self.method,
            renderer=source.renderer(self.cache_bytes),
            file=sets.document.name,
            carried=sets.carried(),
            roots={"data": self._folders.data, "images": self._folders.images},
            class_count=len(sets.document.class_categories),
            first_image_id=max(image.id for image in sets.document.images) + 1,
            digits=max(6, len(str(last))),
        )

    def outputs(self) -> Iterator[tuple[str, str]]:
        """The COCO file, the photos and their masks."""
        yield "data", self._json_path.name
        for index in range(self._photo_count):
            yield "images", self._context.image_name(index)
            yield "data", self._context.mask_name(index)

    def inputs(self) -> Iterable[Path]:
        """The COCO files, and every photo that they refer to."""
        return self.source.sets.files()

    def photo_path(self, name: str) -> Path:
        """Where a photo is, such as ``images:batch_1/0001.jpg`` or ``donors:0001.jpg``."""
        root, _, file_name = name.partition(":")
        sets = self.source.sets
        return (sets.donor_root if root == "donors" else sets.folders.images) / file_name

    # --- plan ---

    @cached_property
    def _towards_goals(self) -> GoalPlan | None:
        """The plan of all photos if there are goals, which decide how many photos are needed."""
        source = self.source
        if source.goals is None:
            return None
        builder = self.method.builder(source.material)
        num = self.method.options.num
        return plan_towards_goals(builder, source.goals, source.limit, num, self.reporter)

    @property
    def _photo_count(self) -> int:
        plan = self._towards_goals
        return self.source.limit if plan is None else len(plan.photos)

    def plan(self, work: Work) -> PasteSummary:
        """Plan the photos; the planned photos are written to the journal."""
        num = self._photo_count
        starts = range(0, num, SHARD_SIZE)
        shards = [self._plan_shard(k, min(k + SHARD_SIZE, num), work.journal) for k in starts]
        planned: dict[int, ShardSummary] = {}
        with self.reporter.progress("Planning", num) as tick:
            for number, shard in work.workers.run(plan_shard, shards, self._context):
                planned[number] = shard
                tick(len(shard.annotations))
        return add_up([planned[number] for number in range(len(shards))], self._context.class_count)

    def _plan_shard(self, start: int, stop: int, journal: Path | None) -> PlanShard:
        plan = self._towards_goals
        plans = None if plan is None else plan.photos[start:stop]
        return PlanShard(range(start, stop), journal, plans)

    def check_plan(self, plan: PasteSummary) -> None:
        """Check every photo that the plan reads."""
        sets, material, exif = self.source.sets, self.source.material, self.method.options.exif
        backgrounds = [material.backgrounds[index].image for index in plan.backgrounds]
        donors = [self.source.donor_images[material.donors[k].photo] for k in plan.donors]
        used = {(sets.folders.images, image.file_name): image for image in backgrounds}
        used |= {(sets.donor_root, image.file_name): image for image in donors}
        open_questions = 0
        with self.reporter.progress("Checking photos", len(used)) as tick:
            for (root, _), image in used.items():
                open_questions += check_photo(root, image, exif) != 1
                tick()
        if open_questions and exif == "auto":
            self.reporter.warn(
                f"{open_questions} photos have an EXIF rotation or mirror that their size can't"
                " confirm; they are read as stored (see --exif)."
            )

    def estimate(self, plan: PasteSummary, work: Work) -> Estimate:
        """Estimate from a few photos."""
        indices = range(len(plan.annotations))
        return measured(
            indices,
            lambda k: bytes_of(self._context, self._plan_shard(k, k + 1, None)),
            work.workers.number,
        )

    # --- writing ---

    def write(self, plan: PasteSummary, work: Work) -> Written:
        """The photos and masks in shards, then the COCO file."""
        shards = self._render_shards(plan, work.kept)
        stage = Stage("Photos", render_shard, self._context, shards)
        photos = work.carry_out(stage, self.photo_path)
        json = self._write_json(work.kept, shards)
        return Written(partial(_files, work, shards, json), photos, msgspec.to_builtins(plan))

    def _render_shards(self, plan: PasteSummary, journal: Path) -> list[NamedShard[RenderShard]]:
        document, num = self.source.sets.document, len(plan.annotations)
        first = max((item.id for item in document.annotations), default=0) + 1
        offsets = first + np.cumsum([0, *plan.annotations])
        starts = range(0, num, SHARD_SIZE)
        shards = [RenderShard(start, int(offsets[start]), journal) for start in starts]
        return [
            NamedShard(shard.name, shard, min(SHARD_SIZE, num - shard.start)) for shard in shards
        ]

    def _write_json(self, journal: Path, shards: Sequence[NamedShard[RenderShard]]) -> FileEntry:
        """Gather the shards' records into the COCO file, after the input's if those are kept."""
        document, path = self.source.sets.document, self._json_path
        keep = self.method.options.mode == "add"
        new_images = blocks_of(journal / f"{shard.name}.images" for shard in shards)
        new_annotations = blocks_of(journal / f"{shard.name}.annotations" for shard in shards)
        lists = {
            "images": chain(document.raw_images if keep else [], new_images),
            "annotations": chain(document.raw_annotations if keep else [], new_annotations),
            "categories": document.raw_categories,
        }
        with open_atomically(path) as stream:
            write_document(stream, top_of(document, self.method.command), lists)
        return FileEntry("data", path.name, path.stat().st_size, file_sha256(path))

    # --- outcome ---

    def finished_plan(self, manifest: Manifest, work: Work) -> PasteSummary:  # noqa: ARG002
        """The plan's summary from the manifest."""
        return msgspec.convert(manifest.summary, PasteSummary)

    def outcome(self, plan: PasteSummary, summary: Mapping[str, Any] | None) -> Outcome:
        """A table of the classes, and of the goals."""
        return report(self.source, self.method, plan, self.reporter, written=summary is not None)


def _files(
    work: Work, shards: Sequence[NamedShard[RenderShard]], json: FileEntry
) -> Iterator[FileEntry]:
    """The files of the run in order, read from the journal to save memory."""

    def under(root: str) -> Iterator[FileEntry]:
        # A shard's photos, and so its files of one root, are sorted by number.
        return (entry for entry in work.files_of(shards) if entry.root == root)

    return merge([json], under("data"), under("images"))
