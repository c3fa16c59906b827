"""The run of ``trashdata preview``: a contact sheet of photos with their labels."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from trashdata.coco.document import Document, ImageRecord
from trashdata.coco.read import read_document
from trashdata.console import Reporter
from trashdata.outcome import Outcome
from trashdata.paths import DataFolders, output_path
from trashdata.photos import check_photo, photo_path, read_photo
from trashdata.preview.contact_sheet import compose, encode_png
from trashdata.preview.labels import (
    annotations_of,
    draw_tile,
    is_pasted,
    legend_entries,
    sheet_note,
)
from trashdata.preview.options import PreviewOptions
from trashdata.preview.shown_photos import choose_photos
from trashdata.runs.files import write_atomically
from trashdata.runs.run import Run, Written, carry_out
from trashdata.runs.single_file import SingleFile
from trashdata.runs.stage import Work


def preview(
    data: Path | str,
    options: PreviewOptions,
    *,
    images: Path | str | None = None,
    dry_run: bool = False,
    overwrite: bool = False,
    reporter: Reporter | None = None,
) -> Outcome:
    """Draw a contact sheet of photos, chosen at random, with their labels.

    Shows the masks that `trashdata masks` writes. The same data and seed give the same bytes.

    Parameters
    ----------
    data : the data folder.
    images : the root of every ``file_name``.
    dry_run : make every check, say which photos would be shown, write nothing.
    overwrite : replace a picture that trashdata made.

    Raises
    ------
    UserError : a fault in the JSON or a photo, an unknown class, no photo to show, or an ``out``
        that exists, is an input, is no PNG, or is outside of the working folder.
    """
    reporter = reporter or Reporter()
    return carry_out(
        _read(DataFolders.of(data, images), options, reporter),
        dry_run=dry_run,
        overwrite=overwrite,
        reporter=reporter,
    )


def _read(folders: DataFolders, options: PreviewOptions, reporter: Reporter) -> PreviewRun:
    sheet = output_path(options.out)
    document = read_document(folders.input_json(options.json))
    for warning in document.warnings:
        reporter.warn(warning)
    return PreviewRun(folders, sheet, document, options, reporter)


@dataclass(frozen=True)
class PreviewRun(Run[Sequence[ImageRecord]]):
    """``sheet``: the picture to write. The plan: the photos on it."""

    folders: DataFolders
    sheet: Path
    document: Document
    options: PreviewOptions
    reporter: Reporter

    def destination(self, *, overwrite: bool) -> SingleFile:
        """The picture."""
        return SingleFile(self.sheet, self.inputs(), overwrite=overwrite)

    def inputs(self) -> Iterable[Path]:
        """The file, and all of its photos."""
        yield self.document.path
        for image in self.document.images:
            yield photo_path(self.folders.images, image)

    def plan(self, work: Work) -> Sequence[ImageRecord]:  # noqa: ARG002
        """The photos, by rising id."""
        options = self.options
        return choose_photos(self.document, num=options.num, patch=options.patch, seed=options.seed)

    def check_plan(self, plan: Sequence[ImageRecord]) -> None:
        """Check all photos before the first one is drawn."""
        root, exif = self.folders.images, self.options.exif
        turned = [image.file_name for image in plan if check_photo(root, image, exif) != 1]
        if turned and exif == "auto":
            self.reporter.warn(
                f"{len(turned)} of {len(plan)} photos, {turned[0]} for one, carry an EXIF turn or "
                "mirror that their size says nothing of; they are shown as stored, see --exif."
            )

    def write(self, plan: Sequence[ImageRecord], work: Work) -> Written:
        """The picture."""
        digests, tiles = {}, []
        with work.reporter.progress("Photos", len(plan)) as tick:
            for image in plan:
                photo = read_photo(self.folders.images, image, self.options.exif)
                digests[image.file_name] = photo.sha256
                tiles.append(draw_tile(self.document, image, photo.pixels, self.options.patch))
                tick()
        note, legend = sheet_note(self.document, plan), legend_entries(self.document, plan)
        write_atomically(self.sheet, encode_png(compose(self.document.name, note, legend, tiles)))
        return Written(summary={"photos": digests})

    def outcome(self, plan: Sequence[ImageRecord], summary: Mapping[str, Any] | None) -> Outcome:
        """Show a table of the classes on the sheet."""
        document = self.document
        names = [image.file_name for image in plan]
        if summary is None:
            shown = ", ".join(names)
            self.reporter.note(f"Would show {len(plan)} photos in {self.sheet}: {shown}.")
        else:
            legend = legend_entries(document, plan)
            self.reporter.table(
                f"{len(plan)} photos in {self.sheet}",
                ("class", "objects"),
                [(entry.name, entry.count) for entry in legend if entry.count is not None],
            )
        rows = [row for image in plan for row in annotations_of(document, image)]
        return Outcome(
            command="preview",
            inputs={document.name: document.sha256, **(summary["photos"] if summary else {})},
            outputs=[] if summary is None else [str(self.sheet)],
            counts={
                "photos": len(plan),
                "objects": sum(row.category_id not in document.ignore_ids for row in rows),
                "pasted": sum(map(is_pasted, rows)),
            },
            warnings=self.reporter.warnings,
            figures={"photos": names},
        )
