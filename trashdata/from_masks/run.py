"""The run of ``trashdata from-masks``: a COCO file from label PNGs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from trashdata.coco.document import IGNORE_NAME
from trashdata.console import Reporter
from trashdata.from_masks.document import write_traced
from trashdata.from_masks.inputs import Inputs, read_inputs
from trashdata.from_masks.options import FromMasksOptions
from trashdata.from_masks.tracing import Context, trace_masks
from trashdata.outcome import Outcome
from trashdata.palette import IGNORE_INDEX
from trashdata.paths import DataFolders
from trashdata.runs.estimate import Estimate, measured
from trashdata.runs.files import Spool
from trashdata.runs.run import Run, Written, carry_out
from trashdata.runs.single_file import SingleFile
from trashdata.runs.stage import SHARD_SIZE, Work, split


def from_masks(
    data: Path | str,
    options: FromMasksOptions,
    *,
    images: Path | str | None = None,
    workers: int = 1,
    scheduler: str | None = None,
    dry_run: bool = False,
    overwrite: bool = False,
    reporter: Reporter | None = None,
) -> Outcome:
    """Turn the label PNGs of a folder into ``<out>.json`` in the data folder.

    One annotation per 8-connected region of a class; pixels of 255 become one crowd annotation per
    image, of the category ``ignore``. `trashdata masks` gives the same masks again.

    Parameters
    ----------
    data : the data folder.
    images : root of the photos, the data folder unless given.
    workers : processes; with more than one, call from under ``if __name__ == "__main__"``.
    scheduler : address of a Dask scheduler, whose workers are to do it instead.
    dry_run : make every check except those of the masks' content, write nothing.
    overwrite : replace a file that this command made.

    Raises
    ------
    UserError : a mask is no 8-bit label PNG, holds an index that ``classes`` lacks, or is of
        another size than its photo; two photos fit one mask; or the output exists.
    """
    reporter = reporter or Reporter()
    folders = DataFolders.of(data, images)
    path = folders.data / f"{folders.output_name(options.out)}.json"
    inputs = read_inputs(folders, options, reporter)
    return carry_out(
        FromMasksRun(path, Context(inputs, options.segmentation), reporter),
        workers=workers,
        scheduler=scheduler,
        dry_run=dry_run,
        overwrite=overwrite,
        reporter=reporter,
    )


@dataclass(frozen=True)
class FromMasksRun(Run[range]):
    """The plan: ids of the images, one per mask."""

    path: Path
    context: Context
    reporter: Reporter

    @property
    def _inputs(self) -> Inputs:
        return self.context.inputs

    def destination(self, *, overwrite: bool) -> SingleFile:
        """The COCO file."""
        return SingleFile(self.path, [self._inputs.class_path], overwrite=overwrite)

    def plan(self, work: Work) -> range:  # noqa: ARG002
        """Every mask, in the order of their names."""
        return range(1, len(self._inputs.names) + 1)

    def estimate(self, plan: range, work: Work) -> Estimate:
        """From a few masks."""

        def size(image_id: int) -> int:
            traced = trace_masks(self.context, (image_id,))
            return len(traced.images) + len(traced.annotations)

        return measured(plan, size, work.workers.number)

    def write(self, plan: range, work: Work) -> Written:
        """Trace the masks in shards, then write the file."""
        shards = [shard.shard[1] for shard in split(plan, "masks-{:06}", SHARD_SIZE)]
        totals = dict.fromkeys((row.id for row in self._inputs.class_file.classes), 0)
        with (
            Spool(self.path.parent) as images,
            Spool(self.path.parent) as annotations,
            work.reporter.progress("Masks", len(plan)) as tick,
        ):
            for index, traced in work.workers.run(trace_masks, shards, self.context):
                images.add(index, traced.images)
                annotations.add(index, traced.annotations)
                for category, count in traced.counts.items():
                    totals[category] = totals.get(category, 0) + count
                tick(len(shards[index]))
            ignored = self._inputs.ignore_id in totals
            write_traced(self.path, self._inputs, images, annotations, ignored=ignored)
        return Written(summary={"annotations": totals})

    def outcome(self, plan: range, summary: Mapping[str, Any] | None) -> Outcome:
        """A table of the classes."""
        inputs = self._inputs
        counts = {"images": len(plan), "classes": len(inputs.class_file.classes)}
        if summary is None:
            self.reporter.note(f"Would write what {len(plan)} masks hold to {self.path}.")
        else:
            counts["annotations"] = sum(summary["annotations"].values())
            self._show(len(plan), summary["annotations"])
        return Outcome(
            command="from-masks",
            inputs={inputs.class_path.name: inputs.class_sha256},
            outputs=[str(self.path)],
            counts=counts,
            warnings=self.reporter.warnings,
        )

    def _show(self, images: int, totals: Mapping[int, int]) -> None:
        classes = self._inputs.class_file.classes
        rows = [(row.index, row.name, totals[row.id]) for row in classes]
        if self._inputs.ignore_id in totals:
            rows.append((IGNORE_INDEX, IGNORE_NAME, totals[self._inputs.ignore_id]))
        title = f"{sum(totals.values())} annotations of {images} images in {self.path}"
        self.reporter.table(title, ("index", "class", "annotations"), rows)
