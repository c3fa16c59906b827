"""A run that writes pseudo-labels: both passes, then the files."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from trashdata.errors import UserError
from trashdata.runs.files import remove_temporary
from trashdata.runs.old_run import Run
from trashdata.runs.workers import run_shards

from ..inputs import Job
from ..labels.sources.predicted import PredictedLabels
from ..predicting.predictions import Predictions, predict
from ..predicting.thresholds import in_units
from .outputs import write_outputs
from .second_pass import LabelContext, Task, label_shard, read_tally, shards_of
from .summary import Summary, summarise


def write_run(run: Run, job: Job) -> Summary:
    """Label all photos that are kept, and write what the options ask for."""
    found = predict(run, job) if job.options.uses_models else None
    context = _context(run, job, found)
    tasks = _tasks(job, found)
    names = _label_all(run, job, context, tasks)
    tallies = [read_tally(run.journal, name) for name in names]
    summary = summarise(job.names, len(job.images), found, tallies)
    files = write_outputs(run, job, context, names, found, summary)
    records = [record for name in names if (record := run.record_of(name)) is not None]
    files += [entry for record in records for entry in record.files]
    remove_temporary({(run.roots[entry.root] / entry.path).parent for entry in files})
    run.finish(files, found.photos if found else {}, msgspec.to_builtins(summary))
    return summary


def _context(run: Run, job: Job, found: Predictions | None) -> LabelContext:
    source = job.source
    if found is not None:
        source = PredictedLabels(run.journal, found.thresholds, job.options.agree)
    assert source is not None
    return LabelContext(
        source=source,
        options=job.options,
        category_ids=job.category_ids,
        names=job.names,
        ignore_id=job.ignore_id or 0,
        models=[origin.short for origin in job.origins],
        thresholds=in_units(found.thresholds) if found else [],
        journal=run.journal,
        roots=run.roots,
    )


def _tasks(job: Job, found: Predictions | None) -> list[Task]:
    """The photos that are kept, by rising id."""
    raws = job.document.raw_images
    tasks = []
    for place, (k, image) in enumerate(zip(job.places_of_images, job.images, strict=True)):
        if found is None or found.kept[place]:
            figures = None if found is None else found.figures[place]
            tasks.append(Task(place, image, bytes(raws[k]), figures, job.mask_path(image)))
    if not tasks and found is not None:
        raise UserError(
            "--min-image-score",
            expected="a score that at least one photo reaches",
            found=f"{max(photo.score for photo in found.figures):.4f} as the best",
            advice="lower it, and start again with --overwrite",
        )
    return tasks


def _label_all(run: Run, job: Job, context: LabelContext, tasks: Sequence[Task]) -> list[str]:
    """The second pass, as far as it is not done; the names of its shards."""
    shards = list(shards_of(tasks))
    left = [shard for shard in shards if run.record_of(shard[0]) is None]
    with job.reporter.progress("Labelling", len(tasks)) as tick:
        tick(len(tasks) - sum(len(own) for _, own in left))
        done = run_shards(label_shard, left, context, workers=job.workers, scheduler=job.scheduler)
        for number, _ in done:
            tick(len(left[number][1]))
    return [name for name, _ in shards]
