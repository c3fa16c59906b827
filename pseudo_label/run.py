"""pseudo from files to files: check everything, then predict, choose, write."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from trashdata.console import Reporter
from trashdata.outcome import Outcome
from trashdata.paths import DEFAULT_DATA, Places
from trashdata.runs.cluster import check_scheduler
from trashdata.runs.old_run import Run

from .evaluation.report_files import check_labels, write_report
from .inputs import Job
from .options import PseudoOptions
from .predicting.models import Models
from .report import label_outcome, planned_outcome, report_outcome
from .writing.label import write_run
from .writing.summary import Summary


def pseudo(
    data: Path | str = DEFAULT_DATA,
    options: PseudoOptions | None = None,
    *,
    images: Path | str | None = None,
    models: Models | None = None,
    workers: int = 1,
    scheduler: str | None = None,
    dry_run: bool = False,
    overwrite: bool = False,
    reporter: Reporter | None = None,
) -> Outcome:
    """Label photos with what models are sure of, as a COCO file to train on.

    Parameters
    ----------
    data : the data folder; ``options.json`` and ``options.out`` are names in it.
    images : the root that every ``file_name`` is relative to; the data folder by default.
    models : what predicts, instead of the runs that ``options.model`` names.
    workers : processes that trace and write; with more than one, call from under
        ``if __name__ == "__main__"``. Models use the threads that PyTorch gives them.
    scheduler : address of a Dask scheduler, whose workers are to predict, trace and write instead.
    dry_run : check everything and say what would be done.
    overwrite : replace what an earlier run wrote under the same name.

    Returns
    -------
    What was read, written and counted; ``figures["classes"]`` holds a row for each class.

    Raises
    ------
    UserError : anything that the user can mend; nothing is written, or the state can be resumed.

    References
    ----------
    Zou et al. 2018, "Unsupervised Domain Adaptation for Semantic Segmentation via Class-Balanced
    Self-Training", arXiv 1810.07911: thresholds by class. Yang et al. 2022, "ST++: Make
    Self-training Work Better for Semi-supervised Semantic Segmentation", arXiv 2106.05095: the
    order of the photos.
    """
    options = options or PseudoOptions()
    reporter = reporter or Reporter()
    job = Job(Places.of(data, images), options, reporter, models, workers, scheduler)
    if options.report:
        check_labels(job)
    own = Run(job.folder, job.identity(), {"data": job.places.data}, overwrite=overwrite)
    if dry_run:
        own.check()
        job.refuse_what_is_in_the_way(own)
        return planned_outcome(job)
    with own as run:
        if run.finished is not None:
            job.check_photos_unchanged(run.finished.photos)
            reporter.note(f"Done already: {job.folder} is complete.")
            return _outcome(job, run.finished.summary)
        if run.resumable():
            reporter.note(f"Going on with the run in {job.folder}.")
        else:
            job.refuse_what_is_in_the_way(run)
            check_scheduler(scheduler)
            run.start()
        if options.report:
            return _outcome(job, write_report(run, job))
        return _outcome(job, msgspec.to_builtins(write_run(run, job)))


def _outcome(job: Job, summary: dict[str, Any]) -> Outcome:
    if job.options.report:
        return report_outcome(job, summary)
    return label_outcome(job, msgspec.convert(summary, Summary))
