"""The run of ``trashdata report``: a set, its folds, photos and a training run as HTML."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

from trashdata.coco.keys import DONOR_ANNOTATION_ID, REPEAT_OF
from trashdata.console import Reporter, Tick
from trashdata.errors import printable
from trashdata.outcome import Outcome
from trashdata.paths import DEFAULT_DATA, DataFolders, output_path
from trashdata.photos import folder_with
from trashdata.runs.estimate import Estimate, measured
from trashdata.runs.files import write_atomically
from trashdata.runs.run import Run, Written, carry_out
from trashdata.runs.single_file import SingleFile
from trashdata.runs.stage import Work
from trashdata.runs.workers import Workers
from trashdata.statistics import Comparison, compare, statistics

from .charts import statistics_charts
from .gallery import gallery_data, pictures
from .inputs import Inputs, read_inputs
from .limits import thumbnail_side
from .options import ReportOptions
from .page import render
from .thumbnails import ShownPhoto, Studio, Thumbnail, make_thumbnail, make_thumbnails

# Thumbnails per shard; fewer than in other runs, since they are sent back.
_SHARD = 24


def report(
    data: Path | str = DEFAULT_DATA,
    options: ReportOptions | None = None,
    *,
    images: Path | str | None = None,
    workers: int = 1,
    dry_run: bool = False,
    overwrite: bool = False,
    reporter: Reporter | None = None,
) -> Outcome:
    """Write a report of a set as one HTML file, which needs no other file and no network.

    A missing or broken photo is shown as masks on gray. The same input gives the same bytes.

    Parameters
    ----------
    data : the data folder.
    images : the root of every ``file_name``.
    workers : processes; with more than one, call from under ``if __name__ == "__main__"``.
    dry_run : make every check, open no photo, write nothing.
    overwrite : replace a report that trashdata made.

    Raises
    ------
    UserError : a fault in a JSON or the run's folder, or an ``out`` that exists, is no HTML, or
        is outside of the working folder.
    """
    reporter = reporter or Reporter()
    options = options or ReportOptions()
    folders = DataFolders.of(data, images)
    path = output_path(options.out, ".html")
    return carry_out(
        ReportRun(folders, path, read_inputs(folders, options, reporter), options, reporter),
        workers=workers,
        dry_run=dry_run,
        overwrite=overwrite,
        reporter=reporter,
    )


@dataclass(frozen=True)
class ReportRun(Run[Comparison]):
    """``path``: of the page. The plan: its statistics."""

    folders: DataFolders
    path: Path
    read: Inputs
    options: ReportOptions
    reporter: Reporter

    def destination(self, *, overwrite: bool) -> SingleFile:
        """The page."""
        return SingleFile(self.path, self.inputs(), overwrite=overwrite)

    def inputs(self) -> Iterable[Path]:
        """The COCO files."""
        yield from (document.path for document in self.read.documents)
        yield from (donor_file.document.path for donor_file in self.read.donor_files)

    def plan(self, work: Work) -> Comparison:  # noqa: ARG002
        """Compute the statistics."""
        return compare(*map(statistics, self.read.documents), labels=self.read.labels)

    def estimate(self, plan: Comparison, work: Work) -> Estimate:  # noqa: ARG002
        """Estimate from a few photos."""
        studio = self._studio()
        return measured(
            self._shown_photos(),
            lambda shown: len(make_thumbnail(studio, shown).picture or b""),
            work.workers.number,
        )

    def _studio(self) -> Studio:
        side = thumbnail_side(len(self.read.chosen))
        ignored = self.read.documents[0].ignore_ids
        return Studio(self.folders.images, self.options.exif, side, ignored)

    def _shown_photos(self) -> list[ShownPhoto]:
        rows = self.read.documents[0].annotations_of
        return [ShownPhoto(image, rows.get(image.id, [])) for image in self.read.chosen]

    def write(self, plan: Comparison, work: Work) -> Written:
        """Write the page, with all photos in it."""
        groups = [self._shown_photos()]
        groups += [
            [ShownPhoto(image, donor_file.donors[image.id]) for image in donor_file.images]
            for donor_file in self.read.donor_files
        ]
        studio = self._studio()
        with work.reporter.progress("Photos", sum(map(len, groups))) as tick:
            made = [_thumbnails(photos, studio, work.workers, tick) for photos in groups]
        faults = self._warn_of_faults(made[0])
        page = render(self._content(plan, made[0], made[1:]))
        write_atomically(self.path, page)
        pairs = zip(self.read.chosen, made[0], strict=True)
        hashes = {image.file_name: one.sha256 for image, one in pairs if one.sha256 is not None}
        counts = {"without_picture": faults, "bytes": len(page)}
        return Written(summary={"photos": hashes, "counts": counts})

    def _warn_of_faults(self, made: Sequence[Thumbnail]) -> int:
        """Warn of photos that could not be read; returns their number."""
        pairs = zip(self.read.chosen, made, strict=True)
        faulty = [(image.file_name, one.fault) for image, one in pairs if one.fault is not None]
        if faulty:
            name, fault = faulty[0]
            folder = folder_with(self.folders.images, name)
            self.reporter.warn(
                f"{len(faulty):,} of {len(made):,} photos can't be shown ({name}: {fault});"
                f" their masks are shown on gray, see --images{f' {folder}' if folder else ''}."
            )
        return len(faulty)

    def _content(
        self, plan: Comparison, made: Sequence[Thumbnail], of_others: Sequence[Sequence[Thumbnail]]
    ) -> dict[str, Any]:
        """The template's variables."""
        read, document = self.read, self.read.documents[0]
        others = list(zip(read.donor_files, of_others, strict=True))
        repeats = sum(REPEAT_OF in image.trashdata for image in document.images)
        faults = [one.fault for one in made if one.fault is not None]
        return {
            "name": printable(document.name),
            "charts": statistics_charts(plan),
            "folds": read.folds,
            "training": read.training,
            "prove": read.prove,
            "gallery": gallery_data(document, read.chosen, made, others, read.fold_of),
            "pictures": pictures([*made, *chain.from_iterable(of_others)]),
            "shown": len(read.chosen),
            "photos": len(document.images) - repeats,
            "repeats": repeats,
            "pasted": any(DONOR_ANNOTATION_ID in row.trashdata for row in document.annotations),
            "missing": len(faults),
            "faults": sorted(set(faults))[:3],
            "side": thumbnail_side(len(read.chosen)),
        }

    def outcome(self, plan: Comparison, summary: Mapping[str, Any] | None) -> Outcome:
        """Show the path of the page, and its size."""
        first, shown = plan.sides[0], len(self.read.chosen)
        rest = "" if shown == first.photo_count else f" of {first.photo_count:,}"
        written: Mapping[str, Any] = summary or {"photos": {}, "counts": {}}
        if summary is None:
            self.reporter.note(f"Would write {self.path}: {shown:,}{rest} photos.")
        else:
            size = f"{summary['counts']['bytes'] / 1e6:.1f} MB"
            self.reporter.note(f"The report is {self.path}: {shown:,}{rest} photos, {size}.")
        return Outcome(
            command="report",
            inputs={**self.read.hashes, **written["photos"]},
            outputs=[] if summary is None else [str(self.path)],
            counts={
                "photos": first.photo_count,
                "objects": first.object_count,
                "classes": len(first.class_names),
                "shown": shown,
                **written["counts"],
            },
            warnings=self.reporter.warnings,
        )


def _thumbnails(
    photos: Sequence[ShownPhoto], studio: Studio, workers: Workers, tick: Tick
) -> list[Thumbnail]:
    shards = [photos[start : start + _SHARD] for start in range(0, len(photos), _SHARD)]
    made: dict[int, list[Thumbnail]] = {}
    for index, thumbnails in workers.run(make_thumbnails, shards, studio):
        made[index] = thumbnails
        tick(len(thumbnails))
    return [thumbnail for index in sorted(made) for thumbnail in made[index]]
