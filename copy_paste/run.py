"""Copy-Paste from files to files: plan everything on labels, check the photos, then write."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from heapq import merge
from itertools import chain
from pathlib import Path

import msgspec
import numpy as np

from trashdata.coco.write import blocks_of, top_of, write_document
from trashdata.console import Reporter
from trashdata.errors import UserError
from trashdata.outcome import Outcome
from trashdata.paths import DEFAULT_DATA, Places
from trashdata.runs.files import open_atomically, write_atomically
from trashdata.runs.hashes import file_sha256
from trashdata.runs.old_run import Run
from trashdata.runs.records import FileEntry, ShardRecord
from trashdata.runs.shards import Crew, warm_up

from .inputs import Job
from .options import CopyPasteOptions
from .planning.towards_goals import planned_context
from .rendering.shards import SHARD, Context, ShardPlan, Summary, plan_shard, render_shard
from .report import report, show_classes


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
    UserError : anything that the user can mend; nothing is written, or the state can be resumed.

    References
    ----------
    Ghiasi et al. 2021, "Simple Copy-Paste is a Strong Data Augmentation Method for Instance
    Segmentation", arXiv 2012.07177.
    """
    if workers > 1 and scheduler is None:
        warm_up("trashdata.copy_paste.rendering.shards")
    job = Job(Places.of(data, images), options or CopyPasteOptions(), reporter or Reporter())
    return make_photos(
        job, workers=workers, scheduler=scheduler, dry_run=dry_run, overwrite=overwrite
    )


def make_photos(
    job: Job, *, workers: int, scheduler: str | None, dry_run: bool, overwrite: bool
) -> Outcome:
    """Carry out a job, or go on with it; parameters and errors are those of `copy_paste`."""
    reporter = job.reporter
    context = job.context(workers)
    own = Run(job.folder, job.identity(), context.roots, overwrite=overwrite)
    if dry_run:
        own.check()
        with Crew(planned_context(job, context), workers, scheduler) as crew:
            summary = _plan_all(crew, reporter)
        job.check_photos(summary)
        return report(job, summary, written=False)
    with own as run:
        context = replace(context, journal=run.journal)
        if run.finished is not None:
            job.check_photos_unchanged(run.finished.photos)
            reporter.note(f"Done already: {job.folder} is complete.")
            return report(job, Summary(**run.finished.summary), written=True)
        if run.resumable():
            content = (run.journal / "plan.json").read_bytes()
            summary = msgspec.json.decode(content, type=Summary)
            reporter.note(f"Going on with the run in {job.folder}.")
            with Crew(context, workers, scheduler) as crew:
                _render_all(run, job, crew, summary)
            return report(job, summary, written=True)
        context = planned_context(job, context)
        run.refuse_taken(_files_to_come(job, context))
        run.refuse_deleting(job.photo_paths())
        with Crew(context, workers, scheduler) as crew:
            summary = _plan_all(crew, reporter)
            job.check_photos(summary)
            show_classes(job, summary, written=False)
            write_atomically(run.journal / "plan.json", msgspec.json.encode(summary))
            run.start()
            _render_all(run, job, crew, summary)
    return report(job, summary, written=True, shown=True)


def _files_to_come(job: Job, context: Context) -> Iterator[tuple[str, str]]:
    yield "data", job.json_path.name
    for index in range(context.num):
        yield "images", context.image_name(index)
        yield "data", context.mask_name(index)


def _plan_all(crew: Crew[Context], reporter: Reporter) -> Summary:
    num = crew.context.num
    starts = list(range(0, num, SHARD))
    plans: list[ShardPlan | None] = [None] * len(starts)
    with reporter.progress("Planning", num) as tick:
        for number, shard in crew.run(plan_shard, starts):
            plans[number] = shard
            tick(len(shard.annotations))
    done = [plan for plan in plans if plan is not None]
    backgrounds = Counter(place for plan in done for place in plan.backgrounds)
    donors = Counter(place for plan in done for place in plan.donors)
    nothing = [0] * crew.context.class_count
    return Summary(
        annotations=[count for plan in done for count in plan.annotations],
        added=np.sum([nothing, *(plan.added for plan in done)], axis=0).tolist(),
        added_pixels=np.sum([nothing, *(plan.added_pixels for plan in done)], axis=0).tolist(),
        pasted=np.sum([nothing, *(plan.pasted for plan in done)], axis=0).tolist(),
        backgrounds=sorted(backgrounds),
        donors=sorted(donors),
        most_pastes=max(donors.values(), default=0),
        most_backgrounds=max(backgrounds.values(), default=0),
    )


def _render_all(run: Run, job: Job, crew: Crew[Context], summary: Summary) -> None:
    first_annotation = max((item.id for item in job.document.annotations), default=0) + 1
    offsets = first_annotation + np.cumsum([0, *summary.annotations])
    starts = range(0, len(summary.annotations), SHARD)
    names = [f"render-{start:09}" for start in starts]
    photos: dict[str, str] = {}
    left = []
    for number, name in enumerate(names):
        record = run.record_of(name)
        if record is None:
            left.append(number)
        else:
            _agree(photos, record)
    job.check_photos_unchanged(photos)
    shards = [(starts[k], int(offsets[starts[k]])) for k in left]
    with job.reporter.progress("Photos", len(summary.annotations)) as tick:
        tick(min((len(names) - len(left)) * SHARD, len(summary.annotations)))
        for number, record in crew.run(render_shard, shards):
            # What a shard wrote stays in its journal, or a long run would gather it in memory.
            _agree(photos, record)
            tick(min(SHARD, len(summary.annotations) - shards[number][0]))
    json = _write_json(run, job, names)
    run.finish(partial(_written, run, names, json), photos, msgspec.to_builtins(summary))


def _agree(agreed: dict[str, str], record: ShardRecord) -> None:
    """Add a shard's SHA-256 by photo; one read with two contents was replaced during the run."""
    for name, digest in record.photos.items():
        if agreed.setdefault(name, digest) != digest:
            raise UserError(
                name.partition(":")[2],
                expected="a photo that stays the same during the run",
                found="two contents",
                advice="leave the photos alone and make the set anew with --overwrite",
            )


def _written(run: Run, names: Sequence[str], json: FileEntry) -> Iterator[FileEntry]:
    """Every file of the run in its order, read from the journal's records."""

    def under(root: str) -> Iterator[FileEntry]:
        for name in names:
            record = run.record_of(name)
            assert record is not None
            # A shard's photos, and so its files of one root, come by rising number.
            yield from (entry for entry in record.files if entry.root == root)

    return merge([json], under("data"), under("images"))


def _write_json(run: Run, job: Job, names: Sequence[str]) -> FileEntry:
    """Gather the shards' records into the COCO file, behind the input's if it is to be kept."""
    document = job.document
    keep = job.options.mode == "add"
    new_images = blocks_of(run.journal / f"{name}.images" for name in names)
    new_annotations = blocks_of(run.journal / f"{name}.annotations" for name in names)
    lists = {
        "images": chain(document.raw_images if keep else [], new_images),
        "annotations": chain(document.raw_annotations if keep else [], new_annotations),
        "categories": document.raw_categories,
    }
    with open_atomically(job.json_path) as stream:
        write_document(stream, top_of(document, job.command), lists)
    size = job.json_path.stat().st_size
    return FileEntry("data", job.json_path.name, size, file_sha256(job.json_path))
