"""The run of ``trashdata masks``: label PNGs of a COCO file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from trashdata.classes import CLASS_FILE, check_class_count, class_file, encode_class_file
from trashdata.coco.document import Document
from trashdata.coco.read import read_document
from trashdata.console import Reporter
from trashdata.mask_codec.png import encode_label_png
from trashdata.masks.labelmap import label_map
from trashdata.masks.names import mask_names
from trashdata.masks.options import MasksOptions
from trashdata.outcome import Outcome
from trashdata.paths import DEFAULT_DATA, DataFolders
from trashdata.runs.estimate import Estimate, measured
from trashdata.runs.folder import RunFolder
from trashdata.runs.records import ShardRecord, run_identity
from trashdata.runs.run import Run, Written, carry_out
from trashdata.runs.stage import Stage, Work, split
from trashdata.runs.writer import ShardWriter


def masks(
    data: Path | str = DEFAULT_DATA,
    options: MasksOptions | None = None,
    *,
    workers: int = 1,
    scheduler: str | None = None,
    dry_run: bool = False,
    overwrite: bool = False,
    reporter: Reporter | None = None,
) -> Outcome:
    """Write a palette label PNG for every image of a COCO file, and ``classes.json``.

    The mask of ``batch/0003.jpg`` is ``<out>/batch/0003.png``: 8-bit, 0 is background, k the k-th
    category by id, 255 is ignore.

    Parameters
    ----------
    data : the data folder; ``options.json`` and ``options.out`` are names in it.
    workers : processes; with more than one, call from under ``if __name__ == "__main__"``.
    scheduler : address of a Dask scheduler, whose workers are to do it instead.
    dry_run : make every check, write nothing.
    overwrite : replace what an earlier run wrote under the same name.

    Raises
    ------
    UserError : the file has a fault, holds more than 254 classes, or two photos share a mask.
    """
    reporter = reporter or Reporter()
    return carry_out(
        _read(DataFolders.of(data), options or MasksOptions(), reporter),
        workers=workers,
        scheduler=scheduler,
        dry_run=dry_run,
        overwrite=overwrite,
        reporter=reporter,
    )


def _read(folders: DataFolders, options: MasksOptions, reporter: Reporter) -> MasksRun:
    name = folders.output_name(options.out, folder=True)
    document = read_document(folders.input_json(options.json))
    for warning in document.warnings:
        reporter.warn(warning)
    check_class_count(document)
    return MasksRun(folders, document, name, mask_names(document), reporter)


@dataclass(frozen=True)
class MasksRun(Run[list[int]]):
    """``names``: of the masks in ``folder``, by image id. The plan: images with a mask, by id."""

    folders: DataFolders
    document: Document
    folder: str
    names: Mapping[int, str]
    reporter: Reporter

    def destination(self, *, overwrite: bool) -> RunFolder:
        """The folder of the masks."""
        inputs = {self.document.name: self.document.sha256}
        identity = run_identity("masks", {"out": self.folder}, inputs)
        roots = {"data": self.folders.data}
        return RunFolder(self.folders.data / self.folder, identity, roots, overwrite=overwrite)

    def plan(self, work: Work) -> list[int]:  # noqa: ARG002
        """The images, in the order of the file."""
        return list(self.names)

    def outputs(self) -> Iterable[tuple[str, str]]:
        """The masks; ``classes.json`` is in the run folder, which holds nothing else."""
        return (("data", f"{self.folder}/{name}") for name in self.names.values())

    def inputs(self) -> Iterable[Path]:
        """The photos: they aren't read, but a mask must not replace one."""
        yield self.document.path
        for image in self.document.images:
            yield self.folders.images / image.file_name

    def estimate(self, plan: list[int], work: Work) -> Estimate:
        """Estimate from a few masks."""
        context = _Context(self.document, self.names, self.folder, Path(), {})
        return measured(plan, lambda image_id: len(_mask(context, image_id)), work.workers.number)

    def write(self, plan: list[int], work: Work) -> Written:
        """Write the masks in shards, then ``classes.json``."""
        context = _Context(self.document, self.names, self.folder, work.kept, work.roots)
        shards = split(plan, "masks-{:06}")
        work.carry_out(Stage("Masks", _write_shard, context, shards))
        extra = work.writer("classes")
        class_path = f"{self.folder}/{CLASS_FILE}"
        extra.intend([("data", class_path)])
        extra.write("data", class_path, encode_class_file(class_file(self.document)))
        return Written([*work.files_of(shards), *extra.files], {}, {"masks": len(plan)})

    def outcome(self, plan: list[int], summary: Mapping[str, Any] | None) -> Outcome:
        """A table of the classes."""
        folder, document = self.folders.data / self.folder, self.document
        if summary is None:
            self.reporter.note(f"Would write {len(plan)} masks to {folder}.")
        else:
            rows = zip(document.class_categories, document.class_counts().tolist(), strict=True)
            self.reporter.table(
                f"{len(plan)} masks in {folder}",
                ("index", "class", "objects"),
                [(index, row.name, count) for index, (row, count) in enumerate(rows, start=1)],
            )
        return Outcome(
            command="masks",
            inputs={document.name: document.sha256},
            outputs=[] if summary is None else [str(folder)],
            counts={
                "masks": len(plan),
                "annotations": len(document.annotations),
                "classes": len(document.class_categories),
            },
            warnings=self.reporter.warnings,
        )


@dataclass(frozen=True)
class _Context:
    """Context of the shards."""

    document: Document
    names: Mapping[int, str]
    folder: str
    journal: Path
    roots: Mapping[str, Path]


def _write_shard(context: _Context, shard: tuple[int, tuple[int, ...]]) -> ShardRecord:
    index, ids = shard
    writer = ShardWriter(context.journal, context.roots, f"masks-{index:06}")
    paths = [f"{context.folder}/{context.names[image_id]}" for image_id in ids]
    writer.intend([("data", path) for path in paths])
    for image_id, path in zip(ids, paths, strict=True):
        writer.write("data", path, _mask(context, image_id))
    return writer.record()


def _mask(context: _Context, image_id: int) -> bytes:
    """The label PNG of an image."""
    return encode_label_png(label_map(context.document, context.document.image_by_id[image_id]))
