"""The run of ``trashdata prove --score``: another trainer's predictions, judged."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, TypeAlias

import msgspec
import numpy as np

from trashdata.coco.document import Document
from trashdata.coco.read import read_document
from trashdata.comparison import Result, counts, load, save, stack_folds
from trashdata.comparison.pixel_counts import Counts
from trashdata.comparison.store import key
from trashdata.console import Reporter
from trashdata.errors import UserError, printable
from trashdata.inference.prediction_reader import Predicted, photo_matrices, read_predictions
from trashdata.inference.predictor import evaluated_images
from trashdata.masks.names import mask_names
from trashdata.outcome import Outcome
from trashdata.prove.arms import Arm, switched_on
from trashdata.prove.exchange import (
    COMPARISON_FILE,
    LIST,
    Cell,
    Comparison,
    Listed,
    read_exchange,
)
from trashdata.prove.files import CONFIG, RESULTS, check_folder, locked
from trashdata.prove.findings import Finding
from trashdata.prove.folds import Fold, Parts
from trashdata.prove.judging import judged
from trashdata.prove.options import ComparisonOptions, ProveOptions
from trashdata.prove.report import no_winner, outcome, winner
from trashdata.runs.hashes import file_sha256
from trashdata.runs.records import library_versions

FORM = 1
"""Of what is kept of predictions; another one if its meaning changes."""
_Place: TypeAlias = tuple[str, int, int]
"""Arm, fold and seed."""
ELSEWHERE = 0
"""The number of steps of a training that somebody else did."""


@dataclass(frozen=True)
class Scored:
    """What is compared, see `trashdata.prove.compared.Compared`.

    ``contents``: by arm, what its data is known by; ``results``: by arm, what its predictions are.
    """

    options: ProveOptions
    parts: Parts
    arms: Sequence[Arm]
    inputs: Mapping[str, str]
    contents: Mapping[str, str]
    results: Mapping[str, str]

    @property
    def described(self) -> dict[str, Any]:
        """The options of the comparison; those of a model say nothing about another trainer."""
        names = {one.name for one in fields(ComparisonOptions)} - {"out", "preset"}
        return {k: v for k, v in switched_on(self.options).items() if k in names}

    def seen(self, arms: Sequence[str]) -> str:
        """What the predictions of these arms are: other ones for the same seeds are a new look."""
        return key({"results": [self.results[arm] for arm in arms]})

    def content_of(self, arm: Arm, steps: int) -> dict[str, Any]:
        """What decides an arm's data."""
        return {"trained": "elsewhere", "steps": steps, "data": self.contents[arm.name]}


def score(options: ProveOptions, *, dry_run: bool, reporter: Reporter) -> Outcome:
    """Judge the predictions in the folder ``options.score``; see its README.

    Photos are not read. Counts are kept by content in ``options.out``: what was counted is not
    counted again.

    Raises
    ------
    UserError : anything that the user can fix; where a prediction is missing or has a fault, it
        names the training and the file.
    """
    assert options.score is not None
    folder = options.score
    listed, comparison = read_exchange(folder)
    check_folder(options.out)
    exported: ProveOptions = _converted(folder, comparison.options, ProveOptions)
    arms: list[Arm] = _converted(folder, comparison.arms, list[Arm])
    parts = _parts(folder, comparison)
    _check_cells(folder, listed.cells, arms, parts, exported)
    files = _files(folder, listed.cells)
    with ExitStack() as stack:
        if dry_run:
            out = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        else:
            out = options.out
            stack.enter_context(locked(out))
        found: dict[_Place, _Counted] = {}
        with reporter.progress("Predictions", len(listed.cells)) as tick:
            for cell, path in zip(listed.cells, files, strict=True):
                val = parts.folds[cell.fold].val
                found[cell.arm, cell.fold, cell.seed] = _counted(cell, val, path, out / RESULTS)
                tick()
        _warn_of_copies(found, reporter)
        compared = Scored(
            exported,
            parts,
            arms,
            {name: file_sha256(folder / name) for name in (LIST, COMPARISON_FILE)},
            comparison.contents,
            {arm.name: _key_of(arm, found) for arm in arms},
        )
        seen = {"predictions": len(found), "counted": sum(not one.kept for one in found.values())}
        if dry_run:
            reporter.note(f"Would judge {len(found)} predictions: they are sound.")
            return outcome(compared, [], seen, [], reporter)
        by_arm = {arm.name: _stacked(compared, arm.name, found) for arm in compared.arms}
        findings, outputs = judged(
            compared, {ELSEWHERE: by_arm}, None, comparison.patch, out, reporter
        )
        # Of an earlier comparison in this folder.
        (out / CONFIG).unlink(missing_ok=True)
        _note_winner(findings, compared, listed, folder, reporter)
        reporter.note(f"Picture    {outputs[1]}")
        return outcome(compared, findings, seen, outputs, reporter)


# --- what was exported --------------------------------------------------------------------------


def _converted(folder: Path, content: Any, kind: Any) -> Any:
    try:
        return msgspec.convert(content, kind)
    except msgspec.ValidationError as error:
        raise UserError(
            printable(str(folder / COMPARISON_FILE)),
            expected="options as this version of 'trashdata prove --export' writes them",
            found=printable(str(error)),
            advice="start the command with --export again: it writes this file anew",
        ) from None


def _parts(folder: Path, comparison: Comparison) -> Parts:
    """The folds as they were exported.

    Raises
    ------
    UserError : a validation file has other photos than at that time.
    """
    folds = [
        Fold(
            number,
            folder,
            read_document(folder / one.train),
            read_document(folder / one.val),
            one.photos_sha256,
        )
        for number, one in enumerate(comparison.folds)
    ]
    photos = [image.file_name for fold in folds for image in evaluated_images(fold.val)]
    if photos != comparison.photos:
        raise UserError(
            printable(str(folder / Path(comparison.folds[0].val).parent)),
            expected="validation files as they were exported",
            found="other photos in them",
            advice="put them back as they were, or export to another folder",
        )
    groups = np.array(comparison.groups, dtype=np.int64)
    fold_of = np.array(comparison.fold_of, dtype=np.int64)
    return Parts(folds, photos, groups, fold_of, [folds[0].train, folds[0].val])


def _check_cells(
    folder: Path, cells: Sequence[Cell], arms: Sequence[Arm], parts: Parts, options: ProveOptions
) -> None:
    """Refuse a list that lacks a cell, or has others."""
    listed = sorted((cell.arm, cell.fold, cell.seed) for cell in cells)
    folds, seeds = range(len(parts.folds)), options.seed_numbers()
    wanted = sorted((arm.name, fold, seed) for arm in arms for fold in folds for seed in seeds)
    if listed != wanted:
        raise UserError(
            printable(str(folder / LIST)),
            expected=f"each of {len(arms)} arms, {len(folds)} folds and {len(seeds)} seeds once",
            found=f"{len(cells)} cells" if len(cells) != len(wanted) else "other ones",
            advice="start the command with --export again, with fewer --seeds or --arm if some are"
            " not to be scored: it lists them anew",
        )


# --- predictions --------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Counted:
    """``counts``: of each validation photo of the fold; ``key``: of the predictions; ``kept``:
    whether they were counted before."""

    counts: Counts
    key: str
    kept: bool


def _files(folder: Path, cells: Sequence[Cell]) -> list[Path]:
    """The predictions of each cell: a folder or a JSON file."""
    found: list[Path] = []
    missing: list[Cell] = []
    for cell in cells:
        both = [folder / cell.predictions_folder, folder / cell.predictions_json]
        there = [path for path in both if path.exists()]
        if len(there) > 1:
            raise UserError(
                f"{cell.title}: {printable(str(both[0]))} and {both[1].name}",
                expected="one of the two",
                found="both",
                advice="delete the one that is not to be scored",
            )
        found += there
        if not there:
            missing.append(cell)
    if missing:
        first = missing[0]
        more = f", as for {len(missing) - 1} more of {len(cells)}" if len(missing) > 1 else ""
        raise UserError(
            f"{first.title}: {printable(str(folder / first.predictions_json))}",
            expected="its predictions there, or in a folder of that name without .json",
            found=f"neither{more}",
            advice=f"predict {first.val} with the model that was trained on {first.train}; with"
            " fewer seeds or arms, start the command with --export again, which lists them anew",
        )
    return found


def _counted(cell: Cell, val: Document, path: Path, results: Path) -> _Counted:
    """Count the pixels of a cell's predictions, unless that was done.

    Raises
    ------
    UserError : a fault in the predictions, with the name of the cell.
    """
    try:
        predicted, hashes = read_predictions(val, path)
        content = {
            "form": FORM,
            "versions": library_versions(),
            "truth": val.sha256,
            "predictions": [*hashes.values()] or _digest(val, path),
        }
        kept = load(results, content)
        result = kept or _result(val, predicted)
    except UserError as error:
        raise UserError(
            f"{cell.title}: {_with_file(error.where, path)}",
            expected=error.expected,
            found=error.found,
            advice=error.advice,
        ) from None
    if kept is None:
        save(results, content, result)
    return _Counted(result.counts, key(content), kept is not None)


def _warn_of_copies(found: Mapping[_Place, _Counted], reporter: Reporter) -> None:
    """Warn of seeds with the same predictions: they are one training, and look like certainty."""
    first: dict[tuple[str, int, str], int] = {}
    for (arm, fold, seed), one in found.items():
        earlier = first.setdefault((arm, fold, one.key), seed)
        if earlier != seed:
            reporter.warn(
                f"Arm {arm}, fold {fold}: seeds {earlier} and {seed} have the same predictions. If"
                " they are of one training, the intervals are too narrow."
            )


def _with_file(where: str, path: Path) -> str:
    """What an error is about, with the file if it does not name it."""
    return where if path.name in where else f"{printable(path.name)}: {where}"


def _digest(val: Document, folder: Path) -> str:
    """SHA-256 of the label PNGs of all photos together."""
    names = mask_names(val)
    lines = "".join(f"{name}\0{file_sha256(folder / name)}\n" for name in names.values())
    return hashlib.sha256(lines.encode()).hexdigest()


def _result(val: Document, predicted: Predicted) -> Result:
    names = tuple(image.file_name for image in evaluated_images(val))
    return Result(names, counts(np.stack([*photo_matrices(val, predicted)])))


def _stacked(compared: Scored, arm: str, found: Mapping[_Place, _Counted]) -> Counts:
    """The counts (S, P, C, 3) of an arm on all validation photos."""
    folds = range(len(compared.parts.folds))
    seeds = compared.options.seed_numbers()
    runs = [[found[arm, fold, seed].counts for fold in folds] for seed in seeds]
    return np.stack([stack_folds(run)[0] for run in runs])


def _key_of(arm: Arm, found: Mapping[_Place, _Counted]) -> str:
    """What all predictions of an arm are."""
    keys = {f"{fold} {seed}": one.key for (name, fold, seed), one in found.items()
            if name == arm.name}  # fmt: skip
    return key(keys)


# --- judgement ----------------------------------------------------------------------------------


def _note_winner(
    findings: Sequence[Finding],
    compared: Scored,
    listed: Listed,
    folder: Path,
    reporter: Reporter,
) -> None:
    best = winner(findings)
    if best is None:
        reporter.note(no_winner(compared.options.against))
        return
    first = next(cell for cell in listed.cells if cell.arm == best.arm)
    reporter.note(
        f"{best.arm} is better than {' and '.join(best.against)}. Its data is"
        f" {folder / first.train} and others beside it, its options are in prove.json."
    )
