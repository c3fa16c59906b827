"""``trashdata sample``: a generated stand-in for the recycling set, in its layout."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from trashdata.console import Reporter
from trashdata.errors import UserError
from trashdata.options import (
    ConfigOption,
    DryRunOption,
    JsonSummaryOption,
    OverwriteOption,
    QuietOption,
    SeedOption,
    VerboseOption,
    WorkersOption,
    command_app,
    cores,
    finish,
    reporter_for,
)
from trashdata.outcome import Outcome
from trashdata.paths import DEFAULT_DATA
from trashdata.sample.parts import PhotoPlan, plan_photos
from trashdata.sample.plan import CATEGORIES

if TYPE_CHECKING:
    from trashdata.coco.regions import NewAnnotation
    from trashdata.runs.old_run import Run
    from trashdata.runs.records import ShardRecord
    from trashdata.runs.writer import ShardWriter

app = command_app()

SHARD = 10
QUALITY = 90
SMALLEST, LARGEST = 64, 4096

# The parts that each file holds.
FILES = {
    "train_all.json": ("train", "val"),
    "train.json": ("train",),
    "val.json": ("val",),
    "test.json": ("test",),
}


@app.command("sample")
def command(
    data: Annotated[
        Path, typer.Option("--data", metavar="DIR", help="Folder to make the set in.")
    ] = DEFAULT_DATA,
    images: Annotated[int, typer.Option("--images", min=1, help="Photos to draw.")] = 600,
    size: Annotated[
        int, typer.Option("--size", min=SMALLEST, max=LARGEST, help="Side of the photos, pixels.")
    ] = 256,
    seed: SeedOption = 42,
    workers: WorkersOption = None,
    dry_run: DryRunOption = False,
    overwrite: OverwriteOption = False,
    config: ConfigOption = None,
    json_summary: JsonSummaryOption = False,
    quiet: QuietOption = False,
    verbose: VerboseOption = False,
) -> None:
    """Draw a sample set with ten kinds of trash, to try the other commands on.

    Example: trashdata sample --data demo/input/data
    """
    reporter = reporter_for(quiet=quiet, verbose=verbose, json_summary=json_summary)
    outcome = sample(
        data,
        images=images,
        size=size,
        seed=seed,
        workers=workers or cores(),
        dry_run=dry_run,
        overwrite=overwrite,
        reporter=reporter,
    )
    finish(outcome, json_summary=json_summary)


def sample(
    data: Path | str = DEFAULT_DATA,
    *,
    images: int = 600,
    size: int = 256,
    seed: int = 42,
    workers: int = 1,
    dry_run: bool = False,
    overwrite: bool = False,
    reporter: Reporter | None = None,
) -> Outcome:
    """Draw a sample set into a folder of its own: photos in three batch folders, four JSON files.

    ``train.json`` and ``val.json`` share the photos of ``train_all.json`` out between them;
    ``test.json`` holds photos without annotations. The same images, size and seed give the same
    bytes.

    Raises
    ------
    UserError : the folder holds anything that an earlier run of this command did not make.
    """
    from trashdata.runs.old_run import Run
    from trashdata.runs.records import run_identity

    reporter = reporter or Reporter()
    _check_numbers(images, size)
    folder = Path(data)
    photos = plan_photos(images, seed)
    options = {"images": images, "size": size, "seed": seed}
    identity = run_identity("sample", options, {})
    run = Run(folder, identity, {"data": folder}, overwrite=overwrite, option="--data")
    if dry_run:
        run.check()
        reporter.note(f"Would draw {images} photos into {folder}.")
        return _outcome(photos, folder, reporter)
    with run:
        if run.finished is not None:
            reporter.note(f"Done already: {folder} is complete.")
        else:
            run.refuse_taken(("data", photo.file_name) for photo in photos)
            run.refuse_taken(("data", name) for name in FILES)
            run.start()
            _draw_all(run, photos, options, workers, reporter)
    _tables(photos, folder, reporter)
    return _outcome(photos, folder, reporter)


def _check_numbers(images: int, size: int) -> None:
    if images < 1:
        raise UserError(
            "--images", expected="at least 1", found=str(images), advice="ask for more photos"
        )
    if not SMALLEST <= size <= LARGEST:
        raise UserError(
            "--size",
            expected=f"{SMALLEST} to {LARGEST} pixels",
            found=str(size),
            advice="choose a size within that",
        )


# --- what the user sees at the end ---


def _in_file(photos: Sequence[PhotoPlan], name: str) -> list[PhotoPlan]:
    return [photo for photo in photos if photo.part in FILES[name]]


def _objects(photos: Sequence[PhotoPlan]) -> Counter[str]:
    return Counter(kind for photo in photos for kind in photo.kinds)


def _outcome(photos: Sequence[PhotoPlan], folder: Path, reporter: Reporter) -> Outcome:
    labelled = _in_file(photos, "train_all.json")
    counts = {
        "photos": len(photos),
        "annotations": _objects(labelled).total(),
        "classes": len(CATEGORIES),
    }
    return Outcome("sample", {}, [str(folder)], counts, reporter.warnings)


def _tables(photos: Sequence[PhotoPlan], folder: Path, reporter: Reporter) -> None:
    names = list(FILES)[:3]
    counts = [_objects(_in_file(photos, name)) for name in names]
    reporter.table(
        "Objects",
        ("class", *names),
        [(kind, *(count[kind] for count in counts)) for kind in CATEGORIES],
    )
    reporter.table(
        f"{len(photos)} photos in {folder}",
        ("file", "photos", "objects"),
        [
            (name, len(part), 0 if name == "test.json" else _objects(part).total())
            for name in FILES
            for part in [_in_file(photos, name)]
        ],
    )


# --- drawing ---


@dataclass(frozen=True)
class _Context:
    """What every shard needs."""

    size: int
    seed: int
    journal: Path
    roots: dict[str, Path]


def _draw_all(
    run: Run,
    photos: list[PhotoPlan],
    options: dict[str, int],
    workers: int,
    reporter: Reporter,
) -> None:
    from trashdata.runs.files import remove_temporary
    from trashdata.runs.workers import run_shards

    context = _Context(options["size"], options["seed"], run.journal, run.roots)
    shards = list(
        enumerate(tuple(photos[first : first + SHARD]) for first in range(0, len(photos), SHARD))
    )
    left = [shard for shard in shards if run.record_of(_shard_name(shard[0])) is None]
    with reporter.progress("Photos", len(photos)) as tick:
        tick(len(photos) - sum(len(shard) for _, shard in left))
        for index, _ in run_shards(_draw_shard, left, context, workers=workers):
            tick(len(left[index][1]))
    spools = [_spool(run.journal, index) for index, _ in shards]
    documents = _write_documents(context, photos, spools)
    records = [run.record_of(_shard_name(index)) for index, _ in shards]
    files = [entry for record in records if record is not None for entry in record.files]
    files += documents.files
    remove_temporary({(run.roots[entry.root] / entry.path).parent for entry in files})
    run.finish(files, {}, {"photos": len(photos)})


def _shard_name(index: int) -> str:
    return f"photos-{index:06}"


def _spool(journal: Path, index: int) -> Path:
    """Where a shard leaves its annotations, one a line, until all are drawn."""
    return journal / f"{_shard_name(index)}.annotations"


def _draw_shard(context: _Context, shard: tuple[int, tuple[PhotoPlan, ...]]) -> ShardRecord:
    import msgspec
    import numpy as np

    from trashdata.photos import encode_jpeg
    from trashdata.runs.files import write_atomically
    from trashdata.runs.writer import ShardWriter
    from trashdata.sample.drawing.scene import draw_scene

    index, photos = shard
    writer = ShardWriter(context.journal, context.roots, _shard_name(index))
    writer.intend([("data", photo.file_name) for photo in photos])
    lines = []
    for photo in photos:
        rng = np.random.default_rng([context.seed, photo.index])
        scene = draw_scene(photo.kinds, size=context.size, rng=rng)
        writer.write("data", photo.file_name, encode_jpeg(scene.photo, QUALITY))
        # In order of painting, by falling area: rising ids, so that ties are painted likewise.
        annotations = [] if photo.part == "test" else scene.objects
        for number, drawn in enumerate(annotations, start=photo.first_annotation_id):
            annotation = _annotation(photo.image_id, drawn.category, drawn.mask)
            lines.append(b'{"id":%d,%b\n' % (number, msgspec.json.encode(annotation)[1:]))
    write_atomically(_spool(context.journal, index), b"".join(lines))
    return writer.record()


def _annotation(image_id: int, category: str, mask: Any) -> NewAnnotation:
    """One annotation for a (size, size) bool mask, with all its parts."""
    from trashdata.coco.regions import bitmap_annotation

    category_id = CATEGORIES.index(category) + 1
    return bitmap_annotation(mask, "polygon", image_id=image_id, category_id=category_id)


# --- the four JSON files ---


def _write_documents(
    context: _Context, photos: Sequence[PhotoPlan], spools: list[Path]
) -> ShardWriter:
    """Write them as a shard of its own; each is made in memory, at 1.5 kB an object."""
    import io

    from trashdata.coco.write import write_document
    from trashdata.runs.writer import ShardWriter

    writer = ShardWriter(context.journal, context.roots, "documents")
    writer.intend([("data", name) for name in FILES])
    for name in FILES:
        part = _in_file(photos, name)
        content = io.BytesIO()
        lists = {
            "images": (_image_record(photo, context.size) for photo in part),
            "annotations": _annotation_lines(part, spools, labelled=name != "test.json"),
            "categories": _category_records(),
        }
        write_document(content, _head(), lists)
        writer.write("data", name, content.getvalue())
    return writer


def _head() -> dict[str, bytes]:
    import msgspec

    info = {"description": "Drawn by 'trashdata sample'; shows no real thing", "version": "1.0"}
    licence = {
        "id": 1,
        "name": "CC0 1.0",
        "url": "https://creativecommons.org/publicdomain/zero/1.0/",
    }
    return {"info": msgspec.json.encode(info), "licenses": msgspec.json.encode([licence])}


def _image_record(photo: PhotoPlan, size: int) -> bytes:
    import msgspec

    return msgspec.json.encode(
        {
            "license": 1,
            "url": None,
            "file_name": photo.file_name,
            "height": size,
            "width": size,
            "date_captured": None,
            "id": photo.image_id,
        }
    )


def _annotation_lines(
    part: Sequence[PhotoPlan], spools: list[Path], *, labelled: bool
) -> Iterator[bytes]:
    import msgspec

    from trashdata.coco.document import AnnotationRecord
    from trashdata.coco.write import lines_of

    if not labelled:
        return
    wanted = {photo.image_id for photo in part}
    decode = msgspec.json.Decoder(AnnotationRecord).decode
    for line in lines_of(spools):
        if decode(line).image_id in wanted:
            yield line


def _category_records() -> Iterator[bytes]:
    import msgspec

    for number, name in enumerate(CATEGORIES, start=1):
        yield msgspec.json.encode({"id": number, "name": name, "supercategory": name})
