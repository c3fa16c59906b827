"""The run of ``trashdata predict``: labels of photos by models."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import msgspec

from trashdata.classes import CLASS_FILE, class_file, encode_class_file
from trashdata.coco.document import ImageRecord
from trashdata.coco.write import BETWEEN, blocks_of
from trashdata.console import Reporter, Tick
from trashdata.inference.backend import model_library_versions
from trashdata.inference.prediction_files import GATHERED, coco_results, csv_row, gathered
from trashdata.inference.predictor import photos_ahead, to_rgb
from trashdata.mask_codec.png import encode_label_png
from trashdata.outcome import Outcome
from trashdata.paths import DEFAULT_DATA, DataFolders
from trashdata.photos import Photo, read_photo
from trashdata.predict.inputs import Inputs, read_inputs
from trashdata.predict.options import PredictOptions
from trashdata.runs.estimate import Estimate, measured
from trashdata.runs.files import open_atomically, write_atomically
from trashdata.runs.folder import RunFolder
from trashdata.runs.hashes import file_sha256
from trashdata.runs.records import FileEntry, ShardRecord, run_identity
from trashdata.runs.run import Run, Written, carry_out
from trashdata.runs.stage import SHARD_SIZE, NamedShard, Stage, Work, split
from trashdata.runs.writer import ShardWriter

Shard: TypeAlias = tuple[int, tuple[ImageRecord, ...]]
"""Its number and its images."""

_SHARD_NAME = "predict-{:06}"


def predict(
    data: Path | str = DEFAULT_DATA,
    options: PredictOptions | None = None,
    *,
    images: Path | str | None = None,
    dry_run: bool = False,
    overwrite: bool = False,
    reporter: Reporter | None = None,
) -> Outcome:
    """Label every photo of a COCO file, and write the labels to ``<out>/`` in the data folder.

    Models use all cores by themselves, so there are no workers.

    Parameters
    ----------
    data : the data folder.
    images : root of the photos, the data folder unless given.
    dry_run : make every check, write nothing.
    overwrite : replace what an earlier run wrote under the same name.

    Raises
    ------
    UserError : a fault in the JSON or a photo, a model that is missing or has other classes,
        options that don't fit; nothing is written.
    """
    reporter = reporter or Reporter()
    options = options or PredictOptions()
    folders = DataFolders.of(data, images)
    folder = folders.output_name(options.out)
    inputs = read_inputs(folders, options, reporter)
    return carry_out(
        PredictRun(folders, folder, options, inputs, reporter),
        dry_run=dry_run,
        overwrite=overwrite,
        reporter=reporter,
    )


@dataclass(frozen=True)
class PredictRun(Run[list[NamedShard[Shard]]]):
    """``folder``: name of the output in the data folder. The plan: images in shards."""

    folders: DataFolders
    folder: str
    options: PredictOptions
    read: Inputs
    reporter: Reporter

    def destination(self, *, overwrite: bool) -> RunFolder:
        """The folder of the predictions."""
        hashes = {self.read.document.name: self.read.document.sha256}
        identity = run_identity("predict", self._resolved_options(), hashes)
        roots = {"data": self.folders.data}
        return RunFolder(self.folders.data / self.folder, identity, roots, overwrite=overwrite)

    def _resolved_options(self) -> dict[str, Any]:
        """The options for the identity, with resolved values."""
        options, ensemble = self.options, self.read.ensemble
        models = {
            f"model {number}": {"sha256": model.sha256, "card": msgspec.to_builtins(model.card)}
            for number, model in enumerate(ensemble.models, start=1)
        }
        return {
            "out": self.folder,
            "format": options.format,
            "size_out": options.size_out if options.format == "csv" else None,
            "exif": options.exif,
            "tta": options.tta,
            "ensemble": options.ensemble,
            "weights": ensemble.weights,
            "crf": options.crf,
            # Other types of devices round differently.
            "device": ensemble.device.type,
            "libraries": model_library_versions(),
            "models": models,
        }

    def outputs(self) -> Iterable[tuple[str, str]]:
        """The masks and their classes, or the one file of the other formats."""
        if self.options.format in GATHERED:
            names = [GATHERED[self.options.format]]
        else:
            names = [*(self.read.names[image.id] for image in self.read.images), CLASS_FILE]
        return (("data", f"{self.folder}/{name}") for name in names)

    def inputs(self) -> Iterable[Path]:
        """The COCO file and the photos."""
        yield self.read.document.path
        yield from (self.photo_path(image.file_name) for image in self.read.images)

    def photo_path(self, name: str) -> Path:
        """The photo of this ``file_name``."""
        return self.folders.images / name

    def plan(self, work: Work) -> list[NamedShard[Shard]]:  # noqa: ARG002
        """The photos, in the order of the file."""
        return split(self.read.images, _SHARD_NAME, SHARD_SIZE)

    def estimate(self, plan: list[NamedShard[Shard]], work: Work) -> Estimate:  # noqa: ARG002
        """Estimate from a few photos."""

        def size(image: ImageRecord) -> int:
            return len(
                self.content(image, read_photo(self.folders.images, image, self.options.exif))
            )

        return measured(self.read.images, size)

    def content(self, image: ImageRecord, photo: Photo) -> bytes:
        """Predict a photo to a label PNG, COCO results, or a line of the CSV."""
        found = self.read.ensemble.predict(to_rgb(photo))
        if self.options.format == "masks":
            return encode_label_png(found.labels)
        if self.options.format == "csv":
            return csv_row(image, found.labels, self.options.size_out)
        return coco_results(self.read.document, image, found)

    def write(self, plan: list[NamedShard[Shard]], work: Work) -> Written:
        """Predict in shards; then write the masks' classes, or gather the shards' rows."""
        context = _Context(self, work.kept, work.roots)
        stage = Stage("Photos", _predict_shard, context, plan, here=True)
        photos = work.carry_out(stage, self.photo_path)
        whole = self._gather(plan, work) if self.options.format in GATHERED else self._classes(work)
        return Written([*work.files_of(plan), whole], photos, {"photos": len(self.read.images)})

    def _gather(self, plan: list[NamedShard[Shard]], work: Work) -> FileEntry:
        """Gather the photos' rows into one file."""
        name = f"{self.folder}/{GATHERED[self.options.format]}"
        work.writer("gathered").intend([("data", name)])
        path = self.folders.data / name
        blocks = blocks_of(_rows_path(work.kept, shard.name) for shard in plan)
        with open_atomically(path) as stream:
            stream.writelines(gathered(self.options.format, blocks))
        return FileEntry("data", name, path.stat().st_size, file_sha256(path))

    def _classes(self, work: Work) -> FileEntry:
        writer = work.writer("classes")
        name = f"{self.folder}/{CLASS_FILE}"
        writer.intend([("data", name)])
        writer.write("data", name, encode_class_file(class_file(self.read.document)))
        return writer.files[0]

    def outcome(
        self,
        plan: list[NamedShard[Shard]],  # noqa: ARG002
        summary: Mapping[str, Any] | None,
    ) -> Outcome:
        """A line."""
        folder, document = self.folders.data / self.folder, self.read.document
        models, count = self.read.ensemble.models, len(self.read.images)
        if summary is None:
            self.reporter.note(f"Would predict {count} photos into {folder}.")
        else:
            self.reporter.note(f"Predicted  {count} photos, in {folder}")
        return Outcome(
            command="predict",
            inputs={
                document.name: document.sha256,
                **{f"model {model.name}": model.sha256 for model in models},
            },
            outputs=[str(folder)],
            counts={"photos": count, "models": len(models)},
            warnings=self.reporter.warnings,
        )


@dataclass(frozen=True)
class _Context:
    """Context of the shards."""

    run: PredictRun
    journal: Path
    roots: Mapping[str, Path]


def _rows_path(journal: Path, shard: str) -> Path:
    """The file of a shard's rows until all shards are predicted."""
    return journal / f"{shard}.rows"


def _predict_shard(context: _Context, shard: Shard, tick: Tick) -> ShardRecord:
    number, images = shard
    run = context.run
    writer = ShardWriter(context.journal, context.roots, _SHARD_NAME.format(number))
    paths = {i.id: f"{run.folder}/{run.read.names[i.id]}" for i in images if run.read.names}
    writer.intend([("data", path) for path in paths.values()])
    rows = []
    for image, photo in photos_ahead(images, run.folders, run.options.exif):
        content = run.content(image, photo)
        writer.photos[image.file_name] = photo.sha256
        if paths:
            writer.write("data", paths[image.id], content)
        else:
            rows.append(content)
        tick()
    if not paths:
        between = b"" if run.options.format == "csv" else BETWEEN
        content = between.join(row for row in rows if row)
        write_atomically(_rows_path(context.journal, writer.shard), content)
    return writer.record()
