"""A training run for the page, from the files in its run folder."""

from __future__ import annotations

import base64
import csv
import io
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from trashdata.errors import UserError, nearest, printable

from .curves import Chart, Line, draw_chart
from .gallery import colours

RUNS = Path("runs")
METRICS, ABOUT, RESULTS, PHOTOS = "metrics.csv", "run.json", "results.json", "photos.png"
MAX_MATRIX = 40
"""Classes up to which the confusion matrix is shown."""

_INK, _SECOND, _BACKGROUND = "#1f5fa8", "#c8641a", "#8a8f98"
_SHEET_WIDTH, _SHEET_QUALITY = 1600, 72
_NAMED_OPTIONS = (
    "arch",
    "encoder",
    "encoder_weights",
    "loss",
    "epochs",
    "batch_size",
    "lr",
    "size",
)


class _About(msgspec.Struct):
    options: dict[str, Any]
    classes: list[str]


class _Results(msgspec.Struct):
    iou: dict[str, float | None]
    miou: float | None
    miou_foreground: float | None
    pixel_accuracy: float | None
    epochs: int
    best_epoch: int
    confusion: list[list[int]]


class IouRow(NamedTuple):
    """IoU of a class, with a bar from 0 to 100."""

    name: str
    colour: str
    length: float
    text: str


class ConfusionCell(NamedTuple):
    """A share of the true class's pixels."""

    tint: float
    text: str
    title: str


class Training(NamedTuple):
    """A run for the page; ``sheet``: its best and worst photos as a data URI."""

    name: str
    options: list[tuple[str, str]]
    facts: list[tuple[str, str]]
    charts: list[Chart]
    iou: list[IouRow]
    names: list[str]
    confusion: list[list[ConfusionCell]]
    sheet: str | None


def find_run(name: str, runs: Path = RUNS) -> Path:
    """Find the folder of a run: a path, or a name under ``runs``.

    Raises
    ------
    UserError : there is no run with a finished epoch.
    """
    for folder in (Path(name), runs / name):
        if (folder / METRICS).is_file():
            return folder
    known = sorted(path.parent.name for path in runs.glob(f"*/{METRICS}"))
    raise UserError(
        f"--run {printable(name)}",
        expected=f"the folder of a training run, or its name under {runs}",
        found=f"no {METRICS} there",
        advice=nearest(name, known) if known else "train one with 'trashdata train'",
    )


def read_training(folder: Path) -> tuple[Training, dict[str, bytes]]:
    """Read a run; returns it and the bytes of its files, by name.

    A run that is not finished has curves only.
    """
    files = {}
    for name in (METRICS, ABOUT, RESULTS, PHOTOS):
        path = folder / name
        if path.is_file():
            files[name] = path.read_bytes()
    rows = _read_metrics(folder / METRICS, files[METRICS])
    about = _decode(folder / ABOUT, files.get(ABOUT), _About)
    results = _decode(folder / RESULTS, files.get(RESULTS), _Results)
    names = [printable(name) for name in (results.iou if results else {})]
    matrix = _matrix(folder / RESULTS, results.confusion if results else [], len(names))
    training = Training(
        name=printable(folder.resolve().name),
        options=_options(about),
        facts=_facts(results, rows),
        charts=_charts(rows),
        iou=_iou(results),
        names=names,
        confusion=_confusion(matrix, names) if 0 < len(names) <= MAX_MATRIX else [],
        sheet=_sheet(folder / PHOTOS, files[PHOTOS]) if PHOTOS in files else None,
    )
    return training, files


Rows = dict[str, NDArray[np.float64]]


def _read_metrics(path: Path, content: bytes) -> Rows:
    """Read the columns of the table; NaN for empty cells."""
    try:
        table = list(csv.DictReader(io.StringIO(content.decode())))
        columns = {
            name: np.array([float(row[name] or "nan") for row in table])
            for name in (table[0] if table else {})
        }
    except (ValueError, TypeError, csv.Error) as error:
        raise _odd(path, str(error)) from None
    missing = [name for name in ("epoch", "loss", "miou", "lr") if name not in columns]
    if missing:
        raise _odd(path, f"no column {', '.join(missing)}")
    return columns


def _decode(path: Path, content: bytes | None, kind: type[Any]) -> Any:
    if content is None:
        return None
    try:
        return msgspec.json.decode(content, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise _odd(path, str(error)) from None


def _matrix(path: Path, rows: list[list[int]], side: int) -> NDArray[np.int64]:
    if [len(row) for row in rows] != [side] * side:
        raise _odd(path, f"a confusion matrix that does not have {side} x {side} numbers")
    return np.array(rows, dtype=np.int64).reshape(side, side)


def _odd(path: Path, found: str) -> UserError:
    return UserError(
        printable(str(path)),
        expected="what 'trashdata train' writes",
        found=printable(found),
        advice="give another --run",
    )


def _options(about: _About | None) -> list[tuple[str, str]]:
    if about is None:
        return []
    known = [(key, about.options[key]) for key in _NAMED_OPTIONS if key in about.options]
    return [(key.replace("_", " "), printable(str(value))) for key, value in known]


def _facts(results: _Results | None, rows: Rows) -> list[tuple[str, str]]:
    """Key figures and their labels; those of the last epoch if the run is not finished."""
    if results is None:
        return [
            (f"{rows['miou'][-1]:.3f}", "mIoU of the last epoch"),
            (f"{rows['epoch'][-1]:.0f}", "epochs so far"),
        ]
    figures = [
        (results.miou, "mIoU"),
        (results.miou_foreground, "mIoU without background"),
        (results.pixel_accuracy, "of the pixels are right"),
    ]
    known = [(f"{value:.3f}", words) for value, words in figures if value is not None]
    return [*known, (f"{results.best_epoch} of {results.epochs}", "best epoch")]


def _charts(rows: Rows) -> list[Chart]:
    epochs = rows["epoch"]
    means = [Line("all classes", _INK, rows["miou"])]
    if "miou_foreground" in rows:
        means.append(Line("without background", _SECOND, rows["miou_foreground"]))
    classes = [name for name in rows if name.startswith("iou ")]
    shades = [_BACKGROUND, *colours(len(classes))]
    lines = [
        Line(printable(name.removeprefix("iou ")), shade, rows[name])
        for name, shade in zip(classes, shades, strict=False)
    ]
    charts = [
        draw_chart("Training loss", epochs, [Line("loss", _INK, rows["loss"])]),
        draw_chart("mIoU on validation", epochs, means, top=1.0),
    ]
    return [*charts, draw_chart("IoU of each class", epochs, lines, top=1.0)] if lines else charts


def _iou(results: _Results | None) -> list[IouRow]:
    if results is None:
        return []
    shades = [_BACKGROUND, *colours(len(results.iou))]
    return [
        IouRow(
            printable(name),
            shade,
            round(100 * (value or 0.0), 2),
            "–" if value is None else f"{100 * value:.1f}",
        )
        for (name, value), shade in zip(results.iou.items(), shades, strict=False)
    ]


def _confusion(matrix: NDArray[np.int64], names: list[str]) -> list[list[ConfusionCell]]:
    true = matrix.sum(axis=1, keepdims=True)
    shares = np.divide(matrix, true, out=np.zeros(matrix.shape), where=true > 0)
    return [
        [_confusion_cell(share, row, column) for share, column in zip(line, names, strict=True)]
        for line, row in zip(shares.tolist(), names, strict=True)
    ]


def _confusion_cell(share: float, row: str, column: str) -> ConfusionCell:
    text = f"{100 * share:.0f}" if share >= 0.005 else ""
    title = f"{100 * share:.1f} % of the pixels of {row} were taken for {column}"
    return ConfusionCell(round(share, 4), text, title)


def _sheet(path: Path, content: bytes) -> str:
    """The picture of the best and worst photos, shrunk."""
    import cv2

    from trashdata.photo_bytes import PhotoError, decode

    from .thumbnails import encode_webp, shrink, small_size

    try:
        pixels = decode(content, cv2.IMREAD_COLOR)
    except PhotoError as fault:
        raise _odd(path, fault.found) from None
    height, width = pixels.shape[:2]
    longest = round(_SHEET_WIDTH * max(1.0, height / width))
    small = shrink(pixels, small_size(width, height, longest))
    return "data:image/webp;base64," + base64.b64encode(encode_webp(small, _SHEET_QUALITY)).decode()
