"""The run of ``trashdata export``: a set in another form."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import msgspec

from trashdata.coco.document import ImageRecord
from trashdata.console import Reporter
from trashdata.errors import UserError, printable
from trashdata.export.forms import load_form
from trashdata.export.forms.form import Split
from trashdata.export.inputs import Inputs, read_inputs
from trashdata.export.options import ExportOptions, FormName
from trashdata.outcome import Outcome
from trashdata.paths import DataFolders
from trashdata.runs.estimate import Estimate, measured
from trashdata.runs.files import write_atomically
from trashdata.runs.folder import RunFolder
from trashdata.runs.records import ShardRecord, run_identity
from trashdata.runs.run import Run, Written, carry_out
from trashdata.runs.stage import SHARD_SIZE, NamedShard, Stage, Work
from trashdata.runs.writer import ShardWriter

ShardStart: TypeAlias = tuple[int, int]
"""Index of a split, and of the first image of a shard in it."""


def export(
    data: Path | str,
    options: ExportOptions,
    *,
    images: Path | str | None = None,
    workers: int = 1,
    scheduler: str | None = None,
    dry_run: bool = False,
    overwrite: bool = False,
    reporter: Reporter | None = None,
) -> Outcome:
    """Write COCO files and their photos in another form, into a new folder.

    Parameters
    ----------
    data : the data folder.
    images : root of the photos, the data folder unless given.
    workers : processes; with more than one, call from under ``if __name__ == "__main__"``.
    scheduler : address of a Dask scheduler, whose workers are to do it instead.
    dry_run : make every check, write nothing.
    overwrite : replace what an earlier run wrote there.

    Raises
    ------
    UserError : a file has a fault, the files' classes differ, or two photos would share a name.
    """
    reporter = reporter or Reporter()
    inputs = read_inputs(DataFolders.of(data, images), options, reporter)
    return carry_out(
        ExportRun(options, inputs, reporter),
        workers=workers,
        scheduler=scheduler,
        dry_run=dry_run,
        overwrite=overwrite,
        reporter=reporter,
    )


@dataclass(frozen=True)
class ExportRun(Run[list[NamedShard[ShardStart]]]):
    """The plan: the photos in shards, each within a split."""

    options: ExportOptions
    read: Inputs
    reporter: Reporter

    def destination(self, *, overwrite: bool) -> RunFolder:
        """The folder of the export."""
        hashes, out = self.read.hashes, self.options.out
        chosen = {"to": self.options.to, "photos": self.options.photos, "json": list(hashes)}
        identity = run_identity("export", chosen, hashes)
        return RunFolder(out, identity, {"out": out}, overwrite=overwrite)

    def outputs(self) -> Iterable[tuple[str, str]]:
        """Labels, photos, and the files about all of them."""
        form = load_form(self.options.to)
        for split in self.read.splits:
            for image in split.document.images:
                yield "out", form.label_path(split, image)
                if self.options.photos:
                    yield "out", form.photo_path(split, image)
        for path in form.files(self.read.splits, [[] for _ in self.read.splits]):
            yield "out", path

    def inputs(self) -> Iterable[Path]:
        """The COCO files and all photos."""
        for split in self.read.splits:
            yield split.document.path
            for image in split.document.images:
                yield self.read.images / image.file_name

    def plan(self, work: Work) -> list[NamedShard[ShardStart]]:  # noqa: ARG002
        """Shards, each within one split."""
        return [
            NamedShard(_shard_name(index, start), (index, start), min(SHARD_SIZE, length - start))
            for index, split in enumerate(self.read.splits)
            for length in [len(split.document.images)]
            for start in range(0, length, SHARD_SIZE)
        ]

    def estimate(self, plan: list[NamedShard[ShardStart]], work: Work) -> Estimate:  # noqa: ARG002
        """Estimate from a few photos."""
        context = self._context(Path(), {})
        items = [(split, image) for split in self.read.splits for image in split.document.images]
        return measured(items, lambda item: _size(context, *item), work.workers.number)

    def write(self, plan: list[NamedShard[ShardStart]], work: Work) -> Written:
        """Write labels and photos in shards, then the files about all of them."""
        work.carry_out(Stage("Photos", _write_shard, self._context(work.kept, work.roots), plan))
        records: list[list[dict[str, Any]]] = [[] for _ in self.read.splits]
        for shard in plan:
            content = _records_path(work.kept, shard.name).read_bytes()
            records[shard.shard[0]] += msgspec.json.decode(content)
        lists = work.writer("lists")
        files = load_form(self.options.to).files(self.read.splits, records)
        lists.intend([("out", path) for path in files])
        for path, content in files.items():
            lists.write("out", path, content)
        written = list(work.files_of(plan))
        return Written([*written, *lists.files], {}, {"photos": len(written)})

    def _context(self, journal: Path, roots: Mapping[str, Path]) -> _Context:
        photos = self.read.images if self.options.photos else None
        return _Context(self.options.to, self.read.splits, photos, journal, roots)

    def outcome(
        self,
        plan: list[NamedShard[ShardStart]],  # noqa: ARG002
        summary: Mapping[str, Any] | None,
    ) -> Outcome:
        """A line."""
        out, splits = self.options.out, self.read.splits
        if summary is None:
            self.reporter.note(f"Would write {self.read.photos} photos' labels to {out}.")
        else:
            self.reporter.note(f"{self.read.photos} photos in {out}, as {self.options.to}.")
        return Outcome(
            command="export",
            inputs=self.read.hashes,
            outputs=[str(out)],
            counts={
                "photos": self.read.photos,
                "annotations": sum(len(split.document.annotations) for split in splits),
                "classes": len(splits[0].document.class_categories),
            },
            warnings=self.reporter.warnings,
        )


@dataclass(frozen=True)
class _Context:
    """Context of the shards; ``photos``: the root that photos are copied from, or None."""

    to: FormName
    splits: list[Split]
    photos: Path | None
    journal: Path
    roots: Mapping[str, Path]


def _shard_name(index: int, start: int) -> str:
    return f"split-{index}-{start:09}"


def _records_path(journal: Path, shard: str) -> Path:
    """The file of a shard's records until all shards are written."""
    return journal / f"{shard}.records"


def _write_shard(context: _Context, shard: ShardStart) -> ShardRecord:
    index, start = shard
    split, form = context.splits[index], load_form(context.to)
    images = split.document.images[start : start + SHARD_SIZE]
    writer = ShardWriter(context.journal, context.roots, _shard_name(index, start))
    paths = [form.label_path(split, image) for image in images]
    if context.photos is not None:
        paths += [form.photo_path(split, image) for image in images]
    writer.intend([("out", path) for path in paths])
    records = []
    for image in images:
        labels = form.labels(split, image)
        writer.write("out", form.label_path(split, image), labels.content)
        if labels.record is not None:
            records.append(labels.record)
        if context.photos is not None:
            writer.write("out", form.photo_path(split, image), _photo(context.photos, image))
    write_atomically(_records_path(context.journal, writer.shard), msgspec.json.encode(records))
    return writer.record()


def _photo(root: Path, image: ImageRecord) -> bytes:
    try:
        return (root / image.file_name).read_bytes()
    except OSError as error:
        raise UserError(
            printable(image.file_name),
            expected="the photo as it was at the start",
            found=error.strerror or str(error),
            advice="put it back and start again",
        ) from None


def _size(context: _Context, split: Split, image: ImageRecord) -> int:
    """Bytes written for a photo."""
    labels = len(load_form(context.to).labels(split, image).content)
    return labels if context.photos is None else labels + len(_photo(context.photos, image))
