"""The run of ``trashdata evaluate``: scores of models or predictions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from trashdata.coco.document import ImageRecord
from trashdata.console import Reporter
from trashdata.evaluate.inputs import Inputs, read_inputs
from trashdata.evaluate.options import EvaluateOptions
from trashdata.evaluate.report import show
from trashdata.inference.confusion import Matrix, channel_names, scores
from trashdata.inference.saved import classes_of
from trashdata.outcome import Outcome
from trashdata.paths import DEFAULT_DATA, DataFolders, output_path
from trashdata.runs.files import write_atomically
from trashdata.runs.run import Run, Written, carry_out
from trashdata.runs.single_file import SingleFile
from trashdata.runs.stage import Work


def evaluate(
    data: Path | str = DEFAULT_DATA,
    options: EvaluateOptions | None = None,
    *,
    images: Path | str | None = None,
    dry_run: bool = False,
    overwrite: bool = False,
    reporter: Reporter | None = None,
) -> Outcome:
    """Score models, or the predictions in a folder or JSON, on a labelled COCO file.

    Pixels are compared at the photos' full sizes; ignore regions and padding don't count. Models
    use all cores by themselves, so there are no workers.

    Parameters
    ----------
    data : the data folder.
    images : root of the photos, the data folder unless given.
    dry_run : check the models, the photos or the predictions, and the picture; score nothing.
    overwrite : replace a picture that trashdata made.

    Raises
    ------
    UserError : a fault in the JSON, a photo or the predictions, models or predictions for other
        classes, an ``out`` that can't be written to; nothing is written.
    """
    reporter = reporter or Reporter()
    options = options or EvaluateOptions()
    folders = DataFolders.of(data, images)
    picture = None if options.out is None else output_path(options.out)
    inputs = read_inputs(folders, options, reporter)
    return carry_out(
        EvaluateRun(picture, inputs, reporter),
        dry_run=dry_run,
        overwrite=overwrite,
        reporter=reporter,
    )


@dataclass(frozen=True)
class EvaluateRun(Run[list[ImageRecord]]):
    """``picture``: path for the confusion matrix, or None. The plan: the photos."""

    picture: Path | None
    read: Inputs
    reporter: Reporter

    @property
    def _title(self) -> str:
        return f"{self.read.scored.name} on {self.read.document.name}"

    @property
    def _names(self) -> list[str]:
        return channel_names([name for _, name in classes_of(self.read.document)])

    def destination(self, *, overwrite: bool) -> SingleFile:
        """The picture, or nothing."""
        given = self.read.scored.path
        inputs = [self.read.document.path, *([] if given is None else [given])]
        return SingleFile(self.picture, inputs, overwrite=overwrite)

    def plan(self, work: Work) -> list[ImageRecord]:  # noqa: ARG002
        """The photos that are scored."""
        return self.read.photos

    def write(self, plan: list[ImageRecord], work: Work) -> Written:
        """Count the pixels, then draw the picture."""
        from trashdata.inference.confusion_plot import draw_confusion

        with work.reporter.progress("Photos", len(plan)) as tick:
            matrix = self.read.scored.matrix(tick=tick)
        if self.picture is not None:
            write_atomically(self.picture, draw_confusion(matrix, self._names, self._title))
        return Written(summary={"confusion": matrix.tolist()})

    def outcome(self, plan: list[ImageRecord], summary: Mapping[str, Any] | None) -> Outcome:
        """A table of the classes, and the means."""
        counts, figures = {"photos": len(plan)}, {}
        if summary is None:
            picture = "" if self.picture is None else f" and write {self.picture}"
            self.reporter.note(f"Would score {self._title}, {len(plan)} photos{picture}.")
        else:
            matrix = np.array(summary["confusion"], dtype=np.int64)
            counts["pixels"] = int(matrix.sum())
            figures = self._show(matrix)
        document = self.read.document
        return Outcome(
            command="evaluate",
            inputs={document.name: document.sha256, **self.read.scored.hashes},
            outputs=[] if self.picture is None else [str(self.picture)],
            counts=counts,
            warnings=self.reporter.warnings,
            figures=figures,
        )

    def _show(self, matrix: Matrix) -> dict[str, Any]:
        """Show the scores; returns them for the outcome."""
        found = scores(matrix, self._names)
        show(self._title, self._names, matrix, found, self.reporter)
        if self.picture is not None:
            self.reporter.note(f"Picture    {self.picture}")
        return {**asdict(found), "confusion": matrix.tolist()}
