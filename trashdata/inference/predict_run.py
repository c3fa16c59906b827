"""Predicting a set, shard by shard, so that an interrupted run goes on where it stopped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import metadata
from typing import Any

import msgspec

from trashdata.classes import class_file, encode_class_file
from trashdata.coco.document import Document, ImageRecord
from trashdata.coco.write import blocks_of
from trashdata.console import Reporter, Tick
from trashdata.errors import UserError, printable
from trashdata.inference.choices import Format
from trashdata.inference.ensemble import EnsembleOptions
from trashdata.inference.prediction_files import (
    GATHERED,
    coco_results,
    csv_row,
    gathered,
)
from trashdata.inference.predictor import Ensemble, photos_ahead, to_rgb
from trashdata.mask_codec.png import encode_label_png
from trashdata.paths import Places
from trashdata.photos import ExifRule
from trashdata.runs.files import open_atomically, remove_temporary, write_atomically
from trashdata.runs.hashes import file_sha256
from trashdata.runs.old_run import Run
from trashdata.runs.records import FileEntry, ShardRecord, run_identity
from trashdata.runs.writer import ShardWriter

SHARD = 50
# Their versions decide probabilities.
_LIBRARIES = ("torch", "segmentation-models-pytorch", "timm")


@dataclass(frozen=True)
class Job:
    """What is predicted, and how it is written.

    ``folder``: name of the output in the data folder; ``names``: mask name by image id.
    """

    ensemble: Ensemble
    document: Document
    images: Sequence[ImageRecord]
    places: Places
    folder: str
    names: Mapping[int, str]
    form: Format = "masks"
    size_out: int = 256
    exif: ExifRule = "auto"

    def outputs(self) -> list[str]:
        """All files to come, relative to the data folder."""
        if self.form in GATHERED:
            return [f"{self.folder}/{GATHERED[self.form]}"]
        masks = [f"{self.folder}/{self.names[image.id]}" for image in self.images]
        return [*masks, f"{self.folder}/classes.json"]


def identity_of(job: Job, options: EnsembleOptions) -> dict[str, Any]:
    """What makes two runs the same."""
    models = {
        f"model {number}": {"sha256": model.sha256, "card": msgspec.to_builtins(model.card)}
        for number, model in enumerate(job.ensemble.models, start=1)
    }
    resolved = {
        "out": job.folder,
        "format": job.form,
        "size_out": job.size_out if job.form == "csv" else None,
        "exif": job.exif,
        "tta": options.tta,
        "ensemble": options.ensemble,
        "weights": job.ensemble.weights,
        "crf": options.crf,
        # Another kind of device rounds in another way.
        "device": job.ensemble.device.type,
        "libraries": {name: metadata.version(name) for name in _LIBRARIES},
        "models": models,
    }
    return run_identity("predict", resolved, {job.document.name: job.document.sha256})


def write_predictions(run: Run, job: Job, reporter: Reporter) -> None:
    """Carry out what is left of the run, gather, and finish it."""
    shards = list(enumerate(_chunks(job.images)))
    records = {number: run.record_of(_shard_name(number)) for number, _ in shards}
    check_unchanged(job, [record for record in records.values() if record is not None])
    with reporter.progress("Photos", len(job.images)) as tick:
        for number, images in shards:
            if records[number] is None:
                records[number] = _write_shard(run, job, number, images, tick)
            else:
                tick(len(images))
    done = [record for record in records.values() if record is not None]
    files = [entry for record in done for entry in record.files]
    files.append(_gather(run, job, len(shards)) if job.form in GATHERED else _classes(run, job))
    remove_temporary({(run.roots[entry.root] / entry.path).parent for entry in files})
    photos = {name: digest for record in done for name, digest in record.photos.items()}
    run.finish(files, photos, {"photos": len(job.images)})


def _chunks(images: Sequence[ImageRecord]) -> list[Sequence[ImageRecord]]:
    return [images[start : start + SHARD] for start in range(0, len(images), SHARD)]


def _shard_name(number: int) -> str:
    return f"predict-{number:06}"


def check_unchanged(job: Job, records: Sequence[ShardRecord]) -> None:
    """Refuse to go on with a run whose photos are no longer what they were."""
    for record in records:
        for name, digest in record.photos.items():
            path = job.places.images / name
            if not path.is_file() or file_sha256(path) != digest:
                raise UserError(
                    printable(str(path)),
                    expected="the photo that the earlier run read",
                    found="another content" if path.is_file() else "no file",
                    advice="put it back, or predict anew with --overwrite",
                )


def _write_shard(
    run: Run, job: Job, number: int, images: Sequence[ImageRecord], tick: Tick
) -> ShardRecord:
    writer = ShardWriter(run.journal, run.roots, _shard_name(number))
    masks = job.form == "masks"
    paths = {image.id: f"{job.folder}/{job.names[image.id]}" for image in images} if masks else {}
    writer.intend([("data", path) for path in paths.values()])
    blocks = []
    for image, photo in photos_ahead(images, job.places, job.exif):
        found = job.ensemble.predict(to_rgb(photo))
        writer.photos[image.file_name] = photo.sha256
        if masks:
            writer.write("data", paths[image.id], encode_label_png(found.labels))
        elif job.form == "csv":
            blocks.append(csv_row(image, found.labels, job.size_out))
        else:
            blocks.append(coco_results(job.document, image, found))
        tick()
    if not masks:
        between = b"" if job.form == "csv" else b",\n"
        content = between.join(block for block in blocks if block)
        write_atomically(run.journal / f"{writer.shard}.rows", content)
    return writer.record()


def _gather(run: Run, job: Job, shards: int) -> FileEntry:
    (name,) = job.outputs()
    path = job.places.data / name
    blocks = blocks_of(run.journal / f"{_shard_name(number)}.rows" for number in range(shards))
    with open_atomically(path) as stream:
        stream.writelines(gathered(job.form, blocks))
    return FileEntry("data", name, path.stat().st_size, file_sha256(path))


def _classes(run: Run, job: Job) -> FileEntry:
    writer = ShardWriter(run.journal, run.roots, "classes")
    name = f"{job.folder}/classes.json"
    writer.intend([("data", name)])
    writer.write("data", name, encode_class_file(class_file(job.document)))
    return writer.files[0]
