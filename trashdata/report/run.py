"""Gathering what a report shows: read, check, make thumbnails, fill in the page."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

from trashdata.coco.document import Document, ImageRecord
from trashdata.coco.keys import DONOR_ANNOTATION_ID, REPEAT_OF
from trashdata.coco.read import read_document
from trashdata.console import Reporter, Tick
from trashdata.errors import printable
from trashdata.paths import Places
from trashdata.photos import ExifRule, folder_with
from trashdata.runs.workers import run_shards
from trashdata.statistics import compare, statistics

from .charts import statistics_charts
from .choose import choose_photos
from .elsewhere import Elsewhere, find_elsewhere
from .folds import FILE, LIST, Folds, read_fold_list, read_folds
from .gallery import gallery_data, pictures
from .limits import thumbnail_side
from .page import render
from .thumbnails import Studio, Task, Thumbnail, make_thumbnails
from .training import Training, find_run, read_training

_SHARD = 24


@dataclass
class Report:
    """A report before its photos are read.

    ``chosen``: the photos that it shows, ``elsewhere``: donors of theirs in other files;
    ``fold_of``: by file name; ``inputs``: SHA-256 by name of what was read, and ``counts``: both
    are completed when the photos are read.
    """

    document: Document
    chosen: Sequence[ImageRecord]
    elsewhere: Sequence[Elsewhere]
    fold_of: dict[str, str]
    charts: dict[str, Any]
    folds: Folds | None
    training: Training | None
    inputs: dict[str, str]
    counts: dict[str, int]


def prepare(
    paths: Sequence[Path], labels: Sequence[str], *, run: str | None, num: int, seed: int,
    reporter: Reporter,
) -> Report:  # fmt: skip
    """Read and check everything but the photos.

    Parameters
    ----------
    paths : the COCO file, and the one to compare it with if there is one; ``labels``: their names.
    """
    folder = None if run is None else find_run(run)
    documents = [read_document(path, masks=place == 0) for place, path in enumerate(paths)]
    for document in documents:
        for warning in document.warnings:
            reporter.warn(warning)
    inputs = {label: one.sha256 for label, one in zip(labels, documents, strict=True)}
    chosen = choose_photos(documents[0], num, seed)
    elsewhere = find_elsewhere(documents[0], chosen, len(chosen), reporter)
    inputs |= {part.document.name: part.document.sha256 for part in elsewhere}
    folds = _folds(documents[0].path.with_name(FILE), inputs)
    fold_of = _fold_of(documents[0].path.with_name(LIST), inputs)
    training = None if folder is None else _training(folder, inputs)
    comparison = compare(*map(statistics, documents), labels=tuple(labels))
    first = comparison.sides[0]
    counts = {
        "photos": first.photo_count,
        "objects": first.object_count,
        "classes": len(first.class_names),
        "shown": len(chosen),
    }
    charts = statistics_charts(comparison)
    return Report(documents[0], chosen, elsewhere, fold_of, charts, folds, training, inputs, counts)


def _folds(path: Path, inputs: dict[str, str]) -> Folds | None:
    found = read_folds(path)
    if found is None:
        return None
    inputs[path.name] = _sha256(found[1])
    return found[0]


def _fold_of(path: Path, inputs: dict[str, str]) -> dict[str, str]:
    found = read_fold_list(path)
    if found is None:
        return {}
    inputs[path.name] = _sha256(found[1])
    return found[0]


def _training(folder: Path, inputs: dict[str, str]) -> Training:
    training, files = read_training(folder)
    inputs |= {f"{folder.name}/{name}": _sha256(content) for name, content in files.items()}
    return training


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def make_page(
    report: Report, places: Places, *, exif: ExifRule, workers: int, reporter: Reporter
) -> bytes:
    """Read the photos, and fill in the page."""
    document = report.document
    side = thumbnail_side(len(report.chosen))
    studio = Studio(places.images, exif, side, document.ignore_ids)
    with reporter.progress("Photos", _photo_count(report)) as tick:
        thumbnails = _thumbnails(_tasks(report), studio, workers, tick)
        made = [_thumbnails(_tasks_of(one), studio, workers, tick) for one in report.elsewhere]
    others = list(zip(report.elsewhere, made, strict=True))
    _warn_of_faults(report, thumbnails, places.images, reporter)
    repeats = sum(REPEAT_OF in image.trashdata for image in document.images)
    faults = [thumbnail.fault for thumbnail in thumbnails if thumbnail.fault is not None]
    return render(
        {
            "name": printable(document.name),
            "charts": report.charts,
            "folds": report.folds,
            "training": report.training,
            "gallery": gallery_data(document, report.chosen, thumbnails, others, report.fold_of),
            "pictures": pictures([*thumbnails, *chain.from_iterable(made)]),
            "shown": len(report.chosen),
            "photos": len(document.images) - repeats,
            "repeats": repeats,
            "pasted": any(DONOR_ANNOTATION_ID in row.trashdata for row in document.annotations),
            "missing": len(faults),
            "faults": sorted(set(faults))[:3],
            "side": side,
        }
    )


def _photo_count(report: Report) -> int:
    return len(report.chosen) + sum(len(one.images) for one in report.elsewhere)


def _tasks(report: Report) -> list[Task]:
    rows = report.document.annotations_of
    return [Task(image, rows.get(image.id, [])) for image in report.chosen]


def _tasks_of(one: Elsewhere) -> list[Task]:
    return [Task(image, one.donors[image.id]) for image in one.images]


def _thumbnails(tasks: Sequence[Task], studio: Studio, workers: int, tick: Tick) -> list[Thumbnail]:
    shards = [tasks[start : start + _SHARD] for start in range(0, len(tasks), _SHARD)]
    made: dict[int, list[Thumbnail]] = {}
    for index, thumbnails in run_shards(make_thumbnails, shards, studio, workers=workers):
        made[index] = thumbnails
        tick(len(thumbnails))
    return [thumbnail for index in sorted(made) for thumbnail in made[index]]


def _warn_of_faults(
    report: Report, made: Sequence[Thumbnail], images: Path, reporter: Reporter
) -> None:
    """Note what was read, and warn of what could not be."""
    faulty = []
    for image, thumbnail in zip(report.chosen, made, strict=True):
        if thumbnail.fault is not None:
            faulty.append((image.file_name, thumbnail.fault))
        elif thumbnail.sha256 is not None:
            report.inputs[image.file_name] = thumbnail.sha256
    report.counts["without_picture"] = len(faulty)
    if faulty:
        name, fault = faulty[0]
        folder = folder_with(images, name)
        reporter.warn(
            f"{len(faulty):,} of {len(made):,} photos can't be shown ({name}: {fault});"
            f" their masks are shown on gray, see --images{f' {folder}' if folder else ''}."
        )
