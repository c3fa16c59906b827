"""The balance of folds, from the ``kfold_report.json`` that ``trashdata kfold`` writes."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import NamedTuple

import msgspec

from trashdata.errors import UserError, printable

FILE = "kfold_report.json"
LIST = "kfold.csv"


class _Shares(msgspec.Struct):
    photos: list[float]
    objects: list[float]
    area: list[float]


class _ClassRow(msgspec.Struct):
    name: str = msgspec.field(name="class")
    photos: int
    objects: int
    shares: _Shares


class _Deviation(msgspec.Struct):
    photos: float
    objects: float
    area: float


class _Deviations(msgspec.Struct):
    start: _Deviation
    end: _Deviation


class _Options(msgspec.Struct):
    json: str
    folds: int


class _Report(msgspec.Struct):
    options: _Options
    photos: list[int]
    trained_on: list[int]
    holdout: int
    synthetic: int
    mean_largest_deviation: _Deviations
    classes: list[_ClassRow]


class Share(NamedTuple):
    """A fold's share of a class; ``tint``: deviation from even, -1 (none) to 1 (twice)."""

    text: str
    tint: float


class FoldRow(NamedTuple):
    """Shares of a class over the folds; ``off``: largest deviation in percentage points."""

    name: str
    photos: int
    objects: int
    shares: list[Share]
    off: list[str]


class Folds(NamedTuple):
    """The folds for the page; ``even``: the share that each fold should have, in percent."""

    json: str
    even: str
    sizes: list[tuple[int, int]]
    holdout: int
    synthetic: int
    start: list[str]
    end: list[str]
    rows: list[FoldRow]


def read_folds(path: Path) -> tuple[Folds, bytes] | None:
    """Read the report of folds; returns them and its bytes, or None without a report.

    Raises
    ------
    UserError : it is not a report of ``trashdata kfold``.
    """
    try:
        content = path.read_bytes()
        report = msgspec.json.decode(content, type=_Report)
    except FileNotFoundError:
        return None
    except (OSError, msgspec.DecodeError, UnicodeDecodeError) as error:
        raise UserError(
            printable(str(path)),
            expected="the report of 'trashdata kfold'",
            found=printable(str(error)),
            advice="run kfold again, or move the file away",
        ) from None
    return _folds(report), content


def read_fold_list(path: Path) -> tuple[dict[str, str], bytes] | None:
    """Read fold by file name (a number, ``holdout`` or ``synthetic``), and the list's bytes.

    None without a list.

    Raises
    ------
    UserError : it is not a list of ``trashdata kfold``.
    """
    try:
        content = path.read_bytes()
        rows = csv.DictReader(io.StringIO(content.decode("utf-8"), newline=""))
        return {row["file_name"]: _fold_word(row["fold"]) for row in rows}, content
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError, csv.Error, KeyError, ValueError) as error:
        raise UserError(
            printable(str(path)),
            expected="the list of photos of 'trashdata kfold'",
            found=printable(str(error)),
            advice="run kfold again, or move the file away",
        ) from None


def _fold_word(text: str | None) -> str:
    if text not in ("holdout", "synthetic"):
        return str(int(text or "nothing"))
    return text


def _folds(report: _Report) -> Folds:
    even = 1 / max(report.options.folds, 1)
    start, end = report.mean_largest_deviation.start, report.mean_largest_deviation.end
    rows = sorted(report.classes, key=lambda row: (-row.photos, -row.objects))
    return Folds(
        json=printable(report.options.json),
        even=f"{100 * even:.3g}",
        # Parts may be missing in an edited report.
        sizes=list(zip(report.photos, report.trained_on, strict=False)),
        holdout=report.holdout,
        synthetic=report.synthetic,
        start=[f"{100 * value:.1f}" for value in (start.photos, start.objects, start.area)],
        end=[f"{100 * value:.1f}" for value in (end.photos, end.objects, end.area)],
        rows=[_row(row, even) for row in rows],
    )


def _row(row: _ClassRow, even: float) -> FoldRow:
    measures = (row.shares.photos, row.shares.objects, row.shares.area)
    return FoldRow(
        name=printable(row.name),
        photos=row.photos,
        objects=row.objects,
        shares=[_share(share, even) for share in row.shares.photos],
        off=[
            f"{100 * max((abs(share - even) for share in shares), default=0):.1f}"
            if row.photos
            else "–"
            for shares in measures
        ],
    )


def _share(share: float, even: float) -> Share:
    """A share and its tint.

    >>> _share(0.3, 0.2)
    Share(text='30.0', tint=0.5)
    """
    tint = max(-1.0, min(1.0, share / even - 1))
    return Share(f"{100 * share:.1f}", round(tint, 3))
