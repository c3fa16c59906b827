"""The runs of ``trashdata pseudo``: labelling photos, and evaluating labels (``--report``)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import msgspec

from trashdata.coco.document import ImageRecord
from trashdata.console import Reporter
from trashdata.outcome import Outcome
from trashdata.paths import DEFAULT_DATA, DataFolders
from trashdata.runs.estimate import Estimate, measured
from trashdata.runs.folder import RunFolder
from trashdata.runs.records import run_identity
from trashdata.runs.run import Run, Written, carry_out
from trashdata.runs.stage import Work

from .evaluation.report_files import write_report
from .inputs import Inputs, read_inputs
from .names import output_files, run_name
from .options import PseudoOptions
from .predicting.models import Models
from .predicting.predictions import Predictions, predict, predict_context
from .predicting.stage import PredictContext, stored_size
from .report import evaluation_outcome, label_outcome, planned_outcome
from .writing.labelling import labelled_size, photos_to_label, write_labels
from .writing.summary import LabelSummary

# Models are slow, and all photos take about the same time.
_SAMPLE_PREDICTIONS = 2


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
    """Label photos with confident model predictions, as a COCO file to train on.

    Parameters
    ----------
    data : the data folder; ``options.json`` and ``options.out`` are names in it.
    images : the root that every ``file_name`` is relative to; the data folder by default.
    models : models to use instead of the runs that ``options.model`` names.
    workers : processes that trace and write; with more than one, call from under
        ``if __name__ == "__main__"``. Models use the threads that PyTorch gives them.
    scheduler : address of a Dask scheduler, whose workers are to predict, trace and write instead.
    dry_run : check everything and say what would be done; predicts two photos to estimate the time.
    overwrite : replace what an earlier run wrote under the same name.

    Returns
    -------
    What was read, written and counted; ``figures["classes"]`` holds a row for each class.

    Raises
    ------
    UserError : anything that the user can fix; nothing is written, or the state can be resumed.

    References
    ----------
    Zou et al. 2018, "Unsupervised Domain Adaptation for Semantic Segmentation via Class-Balanced
    Self-Training", arXiv 1810.07911: thresholds by class. Yang et al. 2022, "ST++: Make
    Self-training Work Better for Semi-supervised Semantic Segmentation", arXiv 2106.05095: the
    order of the photos.
    """
    options, reporter = options or PseudoOptions(), reporter or Reporter()
    inputs = read_inputs(DataFolders.of(data, images), options, reporter, models, workers)
    return carry_out(
        ReportRun(inputs, reporter) if options.report else PseudoRun(inputs, reporter),
        workers=workers,
        scheduler=scheduler,
        dry_run=dry_run,
        overwrite=overwrite,
        reporter=reporter,
    )


@dataclass(frozen=True)
class _PhotosRun(Run[Sequence[ImageRecord]]):
    """The common part of both runs. The plan: the photos, by index."""

    read: Inputs
    reporter: Reporter

    def destination(self, *, overwrite: bool) -> RunFolder:
        """The run folder in the data folder."""
        read = self.read
        hashes = {document.name: document.sha256 for document in read.documents}
        identity = run_identity("pseudo", read.identity_options, hashes)
        folder = read.folders.data / run_name(read.options)
        return RunFolder(folder, identity, {"data": read.folders.data}, overwrite=overwrite)

    def plan(self, work: Work) -> Sequence[ImageRecord]:  # noqa: ARG002
        """The photos."""
        return self.read.images

    def outputs(self) -> Iterable[tuple[str, str]]:
        """The files beside the label PNGs, and the PNGs."""
        for path in output_files(self.read.options):
            yield "data", path
        for image in self.read.images:
            mask = self.read.mask_path(image)
            if mask is not None:
                yield "data", mask

    def inputs(self) -> Iterable[Path]:
        """COCO files, photos, and existing labels."""
        return self.read.files()

    def photo_path(self, name: str) -> Path:
        """Path of the photo of this ``file_name``."""
        return self.read.folders.images / name

    def estimate(self, plan: Sequence[ImageRecord], work: Work) -> Estimate | None:
        """Estimate from two predictions, which are on disk until the run ends, or a few labels."""
        if self.read.models is None:
            size = partial(labelled_size, self.read, work=work)
            return measured(photos_to_label(self.read, None), size, work.workers.number)
        if work.workers.scheduler is not None:
            return None
        size_stored = partial(stored_size, self._predict_context(self.read.models, work))
        return measured(plan, size_stored, samples=_SAMPLE_PREDICTIONS)

    def _predict_context(self, models: Models, work: Work) -> PredictContext:
        read = self.read
        return predict_context(models, len(read.names), read.folders, read.options, work)

    def _predict(self, models: Models, plan: Sequence[ImageRecord], work: Work) -> Predictions:
        context = self._predict_context(models, work)
        return predict(context, plan, self.read.folders, self.read.options, work)


@dataclass(frozen=True)
class PseudoRun(_PhotosRun):
    """Labels photos in two stages: predict, then write the labels."""

    def write(self, plan: Sequence[ImageRecord], work: Work) -> Written:
        """Run both stages, then write the files."""
        models = self.read.models
        found = None if models is None else self._predict(models, plan, work)
        return write_labels(self.read, found, work)

    def outcome(self, plan: Sequence[ImageRecord], summary: Mapping[str, Any] | None) -> Outcome:  # noqa: ARG002
        """A table of the classes."""
        if summary is None:
            return planned_outcome(self.read, self.reporter)
        return label_outcome(self.read, msgspec.convert(summary, LabelSummary), self.reporter)


@dataclass(frozen=True)
class ReportRun(_PhotosRun):
    """Predicts photos with true labels, and compares."""

    def write(self, plan: Sequence[ImageRecord], work: Work) -> Written:
        """Predict, compare, then write the files."""
        assert self.read.models is not None
        return write_report(self.read, self._predict(self.read.models, plan, work), work)

    def outcome(self, plan: Sequence[ImageRecord], summary: Mapping[str, Any] | None) -> Outcome:  # noqa: ARG002
        """A table of the classes."""
        if summary is None:
            return planned_outcome(self.read, self.reporter)
        return evaluation_outcome(self.read, summary, self.reporter)
