"""``trashdata export``: the set in the forms that other tools read."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeAlias

import typer

from trashdata.completion import complete_json
from trashdata.console import Reporter
from trashdata.errors import UserError, printable
from trashdata.options import (
    ConfigOption,
    DataOption,
    DryRunOption,
    ImagesOption,
    JsonSummaryOption,
    OverwriteOption,
    QuietOption,
    VerboseOption,
    WorkersOption,
    command_app,
    cores,
    finish,
    reporter_for,
)
from trashdata.outcome import Outcome
from trashdata.paths import DEFAULT_DATA, Places

if TYPE_CHECKING:
    from trashdata.coco.document import Document, ImageRecord
    from trashdata.export.forms import Split
    from trashdata.runs.old_run import Run
    from trashdata.runs.records import ShardRecord

app = command_app()

SHARD = 50

Form: TypeAlias = Literal["yolo", "voc-masks", "coco-panoptic"]


@app.command("export")
def command(
    to: Annotated[Form, typer.Option("--to", help="What to write.")],
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="A new folder.")],
    data: DataOption = DEFAULT_DATA,
    images: ImagesOption = None,
    json: Annotated[
        list[str] | None,
        typer.Option(
            "--json",
            autocompletion=complete_json,
            help="COCO file; give it again for the validation, then the test part.",
            show_default="train.json and val.json",
        ),
    ] = None,
    photos: Annotated[
        bool, typer.Option("--photos/--no-photos", help="Copy the photos as well.")
    ] = True,
    workers: WorkersOption = None,
    dry_run: DryRunOption = False,
    overwrite: OverwriteOption = False,
    config: ConfigOption = None,
    json_summary: JsonSummaryOption = False,
    quiet: QuietOption = False,
    verbose: VerboseOption = False,
) -> None:
    """Write the set as Ultralytics, mmsegmentation or detectron2 read it.

    Example: trashdata export --to yolo --data demo/input/data --out yolo
    """
    outcome = export(
        data,
        to=to,
        out=out,
        images=images,
        json=tuple(json or ("train.json", "val.json")),
        photos=photos,
        workers=workers or cores(),
        dry_run=dry_run,
        overwrite=overwrite,
        reporter=reporter_for(quiet=quiet, verbose=verbose, json_summary=json_summary),
    )
    finish(outcome, json_summary=json_summary)


def export(
    data: Path | str = DEFAULT_DATA,
    *,
    to: Form,
    out: Path | str,
    images: Path | str | None = None,
    json: tuple[str, ...] = ("train.json", "val.json"),
    photos: bool = True,
    workers: int = 1,
    dry_run: bool = False,
    overwrite: bool = False,
    reporter: Reporter | None = None,
) -> Outcome:
    """Write COCO files and their photos in another form, into a folder of its own.

    Parameters
    ----------
    to : ``yolo`` (Ultralytics: an object is one polygon, holes and parts joined by bridges),
        ``voc-masks`` (mmsegmentation, torchvision: palette label PNGs) or ``coco-panoptic``
        (detectron2: segments that don't overlap).
    json : COCO files in the data folder, at most three; each is a split of its own name.
    photos : copy the photos as well; they lie in one flat folder, a folder's name in theirs.

    Raises
    ------
    UserError : a file has a fault, the files' classes differ, or two photos would share a name.
    """
    from trashdata.export.names import check_names
    from trashdata.runs.old_run import Run
    from trashdata.runs.records import run_identity

    reporter = reporter or Reporter()
    places = Places.of(data, images)
    splits = _splits(places, json)
    documents = [split.document for split in splits]
    check_names(documents)
    for document in documents:
        for warning in document.warnings:
            reporter.warn(warning)
    if photos:
        _check_photos(places, documents)
    inputs = {document.name: document.sha256 for document in documents}
    identity = run_identity("export", {"to": to, "photos": photos, "json": list(inputs)}, inputs)
    run = Run(Path(out), identity, {"out": Path(out)}, overwrite=overwrite)
    outcome = _outcome(splits, Path(out), inputs, reporter)
    if dry_run:
        run.check()
        reporter.note(f"Would write {outcome.counts['photos']} photos' labels to {out}.")
        return outcome
    with run:
        if run.finished is not None:
            reporter.note(f"Done already: {out} is complete.")
        else:
            run.refuse_deleting(places.images / i.file_name for d in documents for i in d.images)
            run.start()
            context = _Context(
                to, splits, places.images if photos else None, run.journal, run.roots
            )
            _write_all(run, context, workers, reporter)
    reporter.note(f"{outcome.counts['photos']} photos in {out}, as {to}.")
    return outcome


def _splits(places: Places, json: tuple[str, ...]) -> list[Split]:
    from trashdata.coco.read import read_document
    from trashdata.export.forms import Split

    names = [Path(name).stem for name in json]
    if len(json) > 3 or len(set(names)) < len(names):
        raise UserError(
            "--json",
            expected="one to three files of different names",
            found=", ".join(map(printable, json)),
            advice="give the training, the validation and the test part",
        )
    splits = []
    for name, file in zip(names, json, strict=True):
        splits.append(Split(name, read_document(places.input_json(file))))
        first, own = splits[0].document, splits[-1].document
        classes, wanted = _class_names(own), _class_names(first)
        if classes != wanted:
            other = next((n for n in {**classes, **wanted} if classes.get(n) != wanted.get(n)), 0)
            raise UserError(
                own.name,
                expected=f"the categories of {first.name}",
                found=f"a difference in category {other}",
                advice="unite the files with 'trashdata merge', or export them apart",
            )
    return splits


def _class_names(document: Document) -> dict[int, str]:
    return {category.id: category.name for category in document.class_categories}


def _check_photos(places: Places, documents: list[Document]) -> None:
    from trashdata.photos import check_photo

    for document in documents:
        for image in document.images:
            check_photo(places.images, image, "auto")


def _outcome(splits: list[Split], out: Path, inputs: dict[str, str], reporter: Reporter) -> Outcome:
    return Outcome(
        command="export",
        inputs=inputs,
        outputs=[str(out)],
        counts={
            "photos": sum(len(split.document.images) for split in splits),
            "annotations": sum(len(split.document.annotations) for split in splits),
            "classes": len(splits[0].document.class_categories),
        },
        warnings=reporter.warnings,
    )


@dataclass(frozen=True)
class _Context:
    """What every shard needs; ``photos`` is the root that photos are copied from, or None."""

    to: str
    splits: list[Split]
    photos: Path | None
    journal: Path
    roots: dict[str, Path]


def _write_all(run: Run, context: _Context, workers: int, reporter: Reporter) -> None:
    import msgspec

    from trashdata.export.forms import FORMS
    from trashdata.runs.files import remove_temporary
    from trashdata.runs.workers import run_shards
    from trashdata.runs.writer import ShardWriter

    shards = [
        (place, start)
        for place, split in enumerate(context.splits)
        for start in range(0, len(split.document.images), SHARD)
    ]
    left = [shard for shard in shards if run.record_of(_shard_name(*shard)) is None]
    with reporter.progress("Shards", len(shards)) as tick:
        tick(len(shards) - len(left))
        for _ in run_shards(_write_shard, left, context, workers=workers):
            tick()
    records: list[list[dict[str, Any]]] = [[] for _ in context.splits]
    for place, start in shards:
        content = (run.journal / f"{_shard_name(place, start)}.records").read_bytes()
        records[place] += msgspec.json.decode(content)
    extra = ShardWriter(run.journal, run.roots, "lists")
    files = FORMS[context.to].files(context.splits, records)
    extra.intend([("out", path) for path in files])
    for path, content in files.items():
        extra.write("out", path, content)
    done = [run.record_of(_shard_name(*shard)) for shard in shards]
    written = [entry for record in done if record is not None for entry in record.files]
    remove_temporary({(run.roots["out"] / entry.path).parent for entry in written})
    run.finish([*written, *extra.files], {}, {"photos": len(written)})


def _shard_name(place: int, start: int) -> str:
    return f"split-{place}-{start:09}"


def _write_shard(context: _Context, shard: tuple[int, int]) -> ShardRecord:
    import msgspec

    from trashdata.export.forms import FORMS
    from trashdata.runs.files import write_atomically
    from trashdata.runs.writer import ShardWriter

    place, start = shard
    split, form = context.splits[place], FORMS[context.to]
    own = split.document.images[start : start + SHARD]
    writer = ShardWriter(context.journal, context.roots, _shard_name(place, start))
    labels = [form.labels(split, image) for image in own]
    paths = [label.path for label in labels]
    if context.photos is not None:
        paths += [form.photo_path(split, image) for image in own]
    writer.intend([("out", path) for path in paths])
    for image, label in zip(own, labels, strict=True):
        writer.write("out", label.path, label.content)
        if context.photos is not None:
            writer.write("out", form.photo_path(split, image), _photo(context.photos, image))
    records = [label.record for label in labels if label.record is not None]
    path = context.journal / f"{_shard_name(place, start)}.records"
    write_atomically(path, msgspec.json.encode(records))
    return writer.record()


def _photo(root: Path, image: ImageRecord) -> bytes:
    try:
        return (root / image.file_name).read_bytes()
    except OSError as error:
        raise UserError(
            printable(image.file_name),
            expected="the photo that was there at the start",
            found=error.strerror or str(error),
            advice="put it back and start again",
        ) from None
