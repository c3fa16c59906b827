"""Repeat-factor sampling of a file: the run of ``trashdata oversample --repeat-factor``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trashdata.coco.document import Document, ImageRecord
from trashdata.coco.keys import REPEAT_OF
from trashdata.coco.read import read_document
from trashdata.coco.records import replaced
from trashdata.coco.write import top_of, write_document
from trashdata.console import Reporter
from trashdata.errors import UserError
from trashdata.outcome import Outcome
from trashdata.paths import DEFAULT_DATA, DataFolders, refuse_input_as_output
from trashdata.repeat_factors import class_factors, median_frequency
from trashdata.runs.files import open_atomically
from trashdata.runs.folder import RunFolder
from trashdata.runs.hashes import file_sha256
from trashdata.runs.records import FileEntry, run_identity
from trashdata.runs.run import Run, Written, carry_out
from trashdata.runs.stage import Work

from ..donors.folds import check_fold
from ..options import RepeatOptions
from .factors import draw_repeats, photo_factors, photo_frequency

COLUMNS = ("class", "factor", "photos before", "after", "objects before", "after")
KEYS = ("class", "factor", "photos_before", "photos_after", "objects_before", "objects_after")


def repeat_factor(
    data: Path | str = DEFAULT_DATA,
    options: RepeatOptions | None = None,
    *,
    dry_run: bool = False,
    overwrite: bool = False,
    reporter: Reporter | None = None,
) -> Outcome:
    """Write a COCO file in which photos of rare classes are repeated; no photo is copied.

    The repeats and their annotations have new ids; ``trashdata.repeat_of`` is the id of the image
    that they repeat.

    Parameters
    ----------
    data : the data folder; ``options.json`` and ``options.out`` are names in it.
    dry_run : plan and report, write nothing.
    overwrite : replace what an earlier run wrote under the same name.

    Raises
    ------
    UserError : anything that the user can fix, a file that holds repeats already, or a threshold
        that repeats nothing; then nothing is written.

    References
    ----------
    Gupta, Dollár, Girshick 2019, "LVIS: A Dataset for Large Vocabulary Instance Segmentation",
    arXiv 1908.03195.
    """
    reporter = reporter or Reporter()
    return carry_out(
        _read(DataFolders.of(data), (options or RepeatOptions()).resolved(), reporter),
        dry_run=dry_run,
        overwrite=overwrite,
        reporter=reporter,
    )


def _read(folders: DataFolders, options: RepeatOptions, reporter: Reporter) -> RepeatRun:
    name = folders.output_name(options.out)
    source = folders.input_json(options.json)
    if options.fold is not None:
        check_fold(source, options.fold)
    document = read_document(source, masks=False, unique_annotations=True)
    refuse_input_as_output(folders.data / f"{name}.json", [document.path])
    for warning in document.warnings:
        reporter.warn(warning)
    return RepeatRun(folders, document, name, options, reporter)


@dataclass(frozen=True)
class RepeatPlan:
    """Repeats of each photo. ``factors`` (classes,): r of each class; ``repeats`` (photos,)."""

    document: Document
    threshold: float
    factors: NDArray[np.float64]
    repeats: NDArray[np.int64]

    @cached_property
    def rows(self) -> list[tuple[str, float, int, int, int, int]]:
        """For each class: name, factor, photos before and after, objects before and after."""
        document = self.document
        names = [category.name for category in document.class_categories]
        photos, objects = document.photos_with_class(), document.class_counts()
        more_photos, more_objects = np.zeros_like(photos), np.zeros_like(objects)
        for image, times in self._repeated():
            held = [
                document.class_index[annotation.category_id] - 1
                for annotation in document.annotations_of.get(image.id, [])
                if annotation.category_id not in document.ignore_ids
            ]
            np.add.at(more_objects, held, times)
            more_photos[list(set(held))] += times
        columns = (photos, photos + more_photos, objects, objects + more_objects)
        numbers = zip(*(column.tolist() for column in columns), strict=True)
        factors = np.round(self.factors, 3).tolist()
        return [(name, r, *counts) for name, r, counts in zip(names, factors, numbers, strict=True)]

    def _repeated(self) -> Iterator[tuple[ImageRecord, int]]:
        for image, times in zip(self.document.images, self.repeats.tolist(), strict=True):
            if times:
                yield image, times


@dataclass(frozen=True)
class RepeatRun(Run[RepeatPlan]):
    """``name``: of the folder of the manifest, and of the COCO file."""

    folders: DataFolders
    document: Document
    name: str
    options: RepeatOptions
    reporter: Reporter

    @property
    def _path(self) -> Path:
        return self.folders.data / f"{self.name}.json"

    def destination(self, *, overwrite: bool) -> RunFolder:
        """The folder of the manifest."""
        document, roots = self.document, {"data": self.folders.data}
        chosen = asdict(self.options) | {"json": document.name, "out": self.name}
        chosen["method"] = "repeat factor"
        identity = run_identity(self.options.command, chosen, {document.name: document.sha256})
        return RunFolder(self.folders.data / self.name, identity, roots, overwrite=overwrite)

    def outputs(self) -> Iterable[tuple[str, str]]:
        """The COCO file."""
        return [("data", self._path.name)]

    def inputs(self) -> Iterable[Path]:
        """The set; photos are not read."""
        return [self.document.path]

    def plan(self, work: Work) -> RepeatPlan:  # noqa: ARG002
        """Which photos are repeated, and how often."""
        return plan_repeats(self.document, self.options)

    def write(self, plan: RepeatPlan, work: Work) -> Written:
        """The COCO file."""
        path, document = self._path, self.document
        work.writer("repeats").intend([("data", path.name)])
        images, annotations = repeated_records(plan)
        lists = {
            "images": chain(document.raw_images, images),
            "annotations": chain(document.raw_annotations, annotations),
            "categories": document.raw_categories,
        }
        with open_atomically(path) as stream:
            write_document(stream, top_of(document, self.options.command), lists)
        entry = FileEntry("data", path.name, path.stat().st_size, file_sha256(path))
        return Written([entry], {}, {"repeats": int(plan.repeats.sum())})

    def outcome(self, plan: RepeatPlan, summary: Mapping[str, Any] | None) -> Outcome:
        """A table of the classes."""
        photos, repeats = len(self.document.images), int(plan.repeats.sum())
        title = f"{photos} photos and {repeats} repeats (threshold {plan.threshold:.3g})"
        self.reporter.table(title, COLUMNS, plan.rows)
        if summary is None:
            self.reporter.note(f"Would write {self._path}.")
        else:
            self.reporter.note(f"COCO JSON  {self._path}")
        return Outcome(
            command=self.options.command,
            inputs={self.document.name: self.document.sha256},
            outputs=[] if summary is None else [str(self._path)],
            counts={
                "photos": photos,
                "repeats": repeats,
                "photos_repeated": int((plan.repeats > 0).sum()),
            },
            warnings=self.reporter.warnings,
            figures={
                "threshold": plan.threshold,
                "classes": [dict(zip(KEYS, row, strict=True)) for row in plan.rows],
            },
        )


def plan_repeats(document: Document, options: RepeatOptions) -> RepeatPlan:
    """Which photos of the document are repeated, and how often."""
    for image in document.images:
        if REPEAT_OF in image.trashdata:
            raise UserError(
                f"{document.name}: image {image.id}",
                expected="a set without repeats",
                found=f"a repeat of image {image.trashdata[REPEAT_OF]}",
                advice="give the file that the repeats were made from",
            )
    frequency = photo_frequency(document)
    given = options.threshold
    threshold = median_frequency(frequency) if given is None else given
    factors = class_factors(frequency, threshold)
    if (factors == 1).all():
        rarest = frequency[frequency > 0].min(initial=1.0)
        raise UserError(
            f"--repeat-factor {'auto' if given is None else f'{given:g}'}",
            expected=f"a class that fewer than {threshold:.3g} of the photos hold",
            found=f"none in {document.name}, the rarest is on {rarest:.3g} of them",
            advice="give a threshold above that, or leave the set as it is",
        )
    repeats = draw_repeats(photo_factors(document, factors), options.seed)
    return RepeatPlan(document, threshold, factors, repeats)


def repeated_records(plan: RepeatPlan) -> tuple[list[bytes], list[bytes]]:
    """Image and annotation records of the repeats; only ids and ``repeat_of`` change."""
    document = plan.document
    raw_of = dict(zip((a.id for a in document.annotations), document.raw_annotations, strict=True))
    image_id = max(image.id for image in document.images)
    annotation_id = max((item.id for item in document.annotations), default=0)
    images, annotations = [], []
    rows = zip(document.images, document.raw_images, plan.repeats.tolist(), strict=True)
    for image, raw, times in rows:
        for _ in range(times):
            image_id += 1
            new = {"id": image_id, "trashdata": image.trashdata | {REPEAT_OF: image.id}}
            images.append(replaced(raw, new))
            for item in document.annotations_of.get(image.id, []):
                annotation_id += 1
                new = {"id": annotation_id, "image_id": image_id}
                annotations.append(replaced(raw_of[item.id], new))
    return images, annotations
