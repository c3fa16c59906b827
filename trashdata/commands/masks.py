"""``trashdata masks``: COCO to palette label PNGs."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Annotated

import typer

from trashdata.console import Reporter
from trashdata.errors import UserError, printable
from trashdata.options import (
    ConfigOption,
    DataOption,
    ExecutorOption,
    JsonOption,
    JsonSummaryOption,
    OverwriteOption,
    QuietOption,
    SchedulerOption,
    VerboseOption,
    WorkersOption,
    command_app,
    cores,
    finish,
    reporter_for,
    scheduler_for,
)
from trashdata.outcome import Outcome
from trashdata.paths import DEFAULT_DATA, Places

if TYPE_CHECKING:
    from trashdata.coco.document import Document
    from trashdata.runs.folder import Run, ShardRecord
    from trashdata.runs.shards import Crew

app = command_app()

SHARD = 50


@app.command("masks")
def command(
    data: DataOption = DEFAULT_DATA,
    json: JsonOption = "train_all.json",
    out: Annotated[str, typer.Option("--out", help="Folder in the data folder.")] = "masks",
    workers: WorkersOption = None,
    executor: ExecutorOption = "local",
    scheduler: SchedulerOption = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check, write nothing.")] = False,
    overwrite: OverwriteOption = False,
    config: ConfigOption = None,
    json_summary: JsonSummaryOption = False,
    quiet: QuietOption = False,
    verbose: VerboseOption = False,
) -> None:
    """Write a palette label PNG for every image of a COCO file. Photos are not read.

    Example: trashdata masks --data demo/input/data --json train.json
    """
    reporter = reporter_for(quiet=quiet, verbose=verbose, json_summary=json_summary)
    outcome = masks(
        data,
        json=json,
        out=out,
        workers=workers or cores(),
        scheduler=scheduler_for(executor, scheduler),
        dry_run=dry_run,
        overwrite=overwrite,
        reporter=reporter,
    )
    finish(outcome, json_summary=json_summary)


def masks(
    data: Path | str = DEFAULT_DATA,
    *,
    json: str = "train_all.json",
    out: str = "masks",
    workers: int = 1,
    scheduler: str | None = None,
    dry_run: bool = False,
    overwrite: bool = False,
    reporter: Reporter | None = None,
) -> Outcome:
    """Write a palette label PNG for every image of a COCO file, and ``classes.json``.

    The mask of ``batch/0003.jpg`` is ``<out>/batch/0003.png``: 8-bit, 0 is background, k the k-th
    category by id, 255 is ignore.

    Raises
    ------
    UserError : the file has a fault, holds more than 254 classes, or two photos share a mask.
    """
    from trashdata.classes import check_class_count
    from trashdata.coco.read import read_document
    from trashdata.runs.cluster import check_scheduler
    from trashdata.runs.folder import Run, run_identity
    from trashdata.runs.shards import Crew

    reporter = reporter or Reporter()
    places = Places.of(data)
    name = places.output_name(out, folder=True)
    document = read_document(places.input_json(json))
    for warning in document.warnings:
        reporter.warn(warning)
    check_class_count(document)
    names = mask_names(document)
    identity = run_identity("masks", {"out": name}, {document.name: document.sha256})
    outcome = _outcome(document, len(names), places.data / name, reporter)
    own = Run(places.data / name, identity, {"data": places.data}, overwrite=overwrite)
    if dry_run:
        own.check()
        reporter.note(f"Would write {len(names)} masks to {places.data / name}.")
        return outcome
    with own as run:
        if run.finished is not None:
            reporter.note(f"Done already: {places.data / name} is complete.")
        else:
            run.refuse_taken(("data", f"{name}/{path}") for path in names.values())
            run.refuse_deleting(places.images / image.file_name for image in document.images)
            check_scheduler(scheduler)
            run.start()
            crew = Crew(_Context(document, names, name, run.journal, run.roots), workers, scheduler)
            _write_all(run, crew, reporter)
    rows = zip(document.class_categories, document.class_counts().tolist(), strict=True)
    reporter.table(
        f"{len(names)} masks in {places.data / name}",
        ("index", "class", "objects"),
        [(index, row.name, count) for index, (row, count) in enumerate(rows, start=1)],
    )
    return outcome


def mask_names(document: Document) -> dict[int, str]:
    """Relative PNG name by image id; two photos that would share one are refused."""
    names: dict[int, str] = {}
    owners: dict[str, str] = {}
    for image in document.images:
        if "repeat_of" in image.trashdata:
            continue
        path = PurePosixPath(image.file_name)
        name = str(path.with_suffix(".png"))
        # Folded, because file systems that ignore case would mix the two up.
        other = owners.setdefault(name.casefold(), image.file_name)
        if other != image.file_name:
            raise UserError(
                f"{document.name}: image {image.id}",
                expected="a mask name of its own",
                found=f"{printable(name)}, which {printable(other)} has as well",
                advice="rename one of the two photos",
            )
        names[image.id] = name
    return names


def _outcome(document: Document, masks: int, folder: Path, reporter: Reporter) -> Outcome:
    return Outcome(
        command="masks",
        inputs={document.name: document.sha256},
        outputs=[str(folder)],
        counts={
            "masks": masks,
            "annotations": len(document.annotations),
            "classes": len(document.class_categories),
        },
        warnings=reporter.warnings,
    )


@dataclass(frozen=True)
class _Context:
    """What every shard needs."""

    document: Document
    names: dict[int, str]
    folder: str
    journal: Path
    roots: dict[str, Path]


def _write_all(run: Run, crew: Crew[_Context], reporter: Reporter) -> None:
    from trashdata.classes import class_file, encode_class_file
    from trashdata.runs.folder import ShardWriter, remove_temporary

    document, folder = crew.context.document, crew.context.folder
    ids = list(crew.context.names)
    shards = [tuple(ids[start : start + SHARD]) for start in range(0, len(ids), SHARD)]
    numbered = list(enumerate(shards))
    left = [shard for shard in numbered if run.record_of(f"masks-{shard[0]:06}") is None]
    with reporter.progress("Masks", len(ids)) as tick, crew:
        tick(len(ids) - sum(len(shard) for _, shard in left))
        for index, _ in crew.run(_write_shard, left):
            tick(len(left[index][1]))
    extra = ShardWriter(run.journal, run.roots, "classes")
    extra.intend([("data", f"{folder}/classes.json")])
    extra.write("data", f"{folder}/classes.json", encode_class_file(class_file(document)))
    records = [run.record_of(f"masks-{index:06}") for index, _ in numbered]
    files = [entry for record in records if record is not None for entry in record.files]
    folders = {(run.roots[entry.root] / entry.path).parent for entry in files}
    remove_temporary(folders)
    run.finish([*files, *extra.files], {}, {"masks": len(ids)})


def _write_shard(context: _Context, shard: tuple[int, tuple[int, ...]]) -> ShardRecord:
    from trashdata.mask_codec.png import encode_label_png
    from trashdata.masks.labelmap import label_map
    from trashdata.runs.folder import ShardWriter

    index, ids = shard
    writer = ShardWriter(context.journal, context.roots, f"masks-{index:06}")
    paths = [f"{context.folder}/{context.names[image_id]}" for image_id in ids]
    writer.intend([("data", path) for path in paths])
    for image_id, path in zip(ids, paths, strict=True):
        labels = label_map(context.document, context.document.image_by_id[image_id])
        writer.write("data", path, encode_label_png(labels))
    return writer.record()
