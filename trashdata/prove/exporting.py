"""The run of ``trashdata prove --export``: the arms' data for another trainer."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any, TypeAlias

import msgspec

from trashdata.coco.document import Document
from trashdata.comparison.store import key
from trashdata.console import Reporter
from trashdata.errors import UserError, printable
from trashdata.interrupts import set_interrupt_message
from trashdata.outcome import Outcome
from trashdata.paths import DataFolders
from trashdata.prove.arm_data import DataSet, Made, check, make, why_no_data
from trashdata.prove.arms import Arm
from trashdata.prove.compared import read_compared
from trashdata.prove.exchange import (
    COMPARISON_FILE,
    EXPORT,
    IMAGES,
    LIST,
    PREDICTIONS,
    TRAIN,
    VAL,
    Cell,
    ClassOf,
    Comparison,
    FoldFiles,
    Listed,
    folder_names,
    write_json,
)
from trashdata.prove.files import WORK, check_folder, discard, locked
from trashdata.prove.folds import Fold, Parts
from trashdata.prove.leaks import of_arm, refuse_leaks
from trashdata.prove.options import ComparisonOptions, ProveOptions
from trashdata.prove.photo_links import entries_of, link_photos, refuse_same_names
from trashdata.prove.trials import Digests, made_content, made_tables
from trashdata.runs.files import make_folders, write_atomically
from trashdata.runs.hashes import file_sha256
from trashdata.runs.records import library_versions

FORM = 1
"""Of the data; another one if arms of the same options get other data."""
_Place: TypeAlias = tuple[str, int, int]
"""Arm, fold and seed."""
# Folders, and options of the training.
_NOT_KEPT = ("export", "score", "out", "arms", "preset", "steps", "budget")


def export(
    folders: DataFolders,
    options: ProveOptions,
    *,
    workers: int,
    dry_run: bool,
    reporter: Reporter,
) -> Outcome:
    """Write the training data of each arm, fold and seed to the folder ``options.export``.

    Files that are there already are not made again. Photos of the user are not copied: the image
    root has links to them beside the folders of new photos.

    Raises
    ------
    UserError : anything that the user can fix; finished files are kept.
    """
    assert options.export is not None
    check_folder(options.export, EXPORT)
    with ExitStack() as stack:
        if dry_run:
            out = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        else:
            out = options.export
            stack.enter_context(locked(out, EXPORT))
        set_interrupt_message("Start the same command again: what is missing is made.")
        parts, arms, patch = read_compared(folders, options, out / WORK, workers, reporter)
        left_out = _left_out(arms, options.against, reporter)
        arms = [arm for arm in arms if arm.name not in left_out]
        run = _Export(folders, options, parts, arms, patch, out, workers, reporter)
        return run.carry_out(left_out, dry_run=dry_run)


def _left_out(arms: Sequence[Arm], against: str, reporter: Reporter) -> dict[str, str]:
    """Why arms can't be exported, by their names; noted.

    Raises
    ------
    UserError : the control can't, or nothing is left to compare with it.
    """
    reasons = {arm.name: why for arm in arms if (why := why_no_data(arm)) is not None}
    if against in reasons:
        raise UserError(
            f"--against {printable(against)}",
            expected="an arm that can be written as data",
            found="one that can't",
            advice=f"name another one ({reasons[against]})",
        )
    for name, why in reasons.items():
        reporter.note(f"Arm {name} is left out: {why}.")
    if len(arms) - len(reasons) < 2:
        raise UserError(
            "--arm",
            expected=f"an arm beside {printable(against)} that can be written as data",
            found="none",
            advice="name another one, such as copy-paste",
        )
    return reasons


@dataclass(frozen=True)
class _Export:
    folders: DataFolders
    options: ProveOptions
    parts: Parts
    arms: Sequence[Arm]
    patch: Sequence[str]
    out: Path
    workers: int
    reporter: Reporter
    digests: Digests = field(default_factory=dict)

    def carry_out(self, left_out: Mapping[str, str], *, dry_run: bool) -> Outcome:
        folder = self.options.export
        assert folder is not None
        sets = self._data_sets()
        self._refuse_other_folds(folder)
        made = {place: _made_before(folder, data) for place, data in sets.items()}
        missing = {place: sets[place] for place, one in made.items() if one is None}
        self._check(sets, missing)
        number = len(self._places())
        counts = {"trainings": number, "files": len(sets), "left_out": len(left_out)}
        if dry_run:
            self.reporter.note(
                f"Would write the data of {number} trainings to {folder}; {len(missing)} files"
                " with new photos or repeats are missing."
            )
            return self._outcome([], {**counts, "missing": len(missing)}, left_out)
        link_photos(self.folders.images, self._entries(), self.out / IMAGES)
        self._write_folds()
        with self.reporter.progress("Training files", len(missing)) as tick:
            for place, data in missing.items():
                with _told_of(data.arm):
                    made[place] = make(data, self.out, self.workers)
                tick()
        self._write_lists(sets, made, left_out)
        discard(self.out / WORK)
        self.reporter.note(
            f"{number} trainings are to be done: {self.out / LIST} has them, and the README beside"
            f" it says how. Then: trashdata prove --score {folder}"
        )
        return self._outcome([self.out / LIST], {**counts, "made": len(missing)}, left_out)

    def _outcome(
        self, outputs: Sequence[Path], counts: dict[str, int], left_out: Mapping[str, str]
    ) -> Outcome:
        return Outcome(
            command="prove",
            inputs=self._inputs(),
            outputs=[str(path) for path in outputs],
            counts=counts,
            warnings=self.reporter.warnings,
            figures={"left_out": dict(left_out)},
        )

    def _inputs(self) -> dict[str, str]:
        return {one.name: one.sha256 for one in self.parts.documents}

    def _entries(self) -> list[str]:
        """What leads to the photos, directly in the image root."""
        documents = [one for fold in self.parts.folds for one in (fold.train, fold.val)]
        return entries_of(image.file_name for one in documents for image in one.images)

    # --- what there is to make ------------------------------------------------------------------

    def _places(self) -> list[_Place]:
        return [
            (arm.name, fold.number, seed)
            for seed in self.options.seed_numbers()
            for fold in self.parts.folds
            for arm in self.arms
        ]

    @property
    def _names(self) -> dict[str, str]:
        return folder_names(self.arms)

    def _data_sets(self) -> dict[_Place, DataSet]:
        """What arms make; those that make nothing have the fold's training part."""
        arms = {arm.name: arm for arm in self.arms}
        return {
            place: self._data_set(arms[place[0]], self.parts.folds[place[1]], place[2])
            for place in self._places()
            if arms[place[0]].tables()
        }

    def _data_set(self, arm: Arm, fold: Fold, seed: int) -> DataSet:
        tables = made_tables(arm, seed, self.options, self.folders)
        content = {
            "form": FORM,
            "versions": library_versions(),
            "fold": fold.digests,
            "share": arm.share,
            "makes": made_content(tables, self.folders, self.digests),
        }
        return DataSet(arm, fold, self._name(arm.name, fold.number, seed), tables, key(content))

    def _name(self, arm: str, fold: int, seed: int) -> str:
        return f"{self._names[arm]}_fold_{fold}_seed_{seed}"

    # --- checks ---------------------------------------------------------------------------------

    def _check(self, sets: Mapping[_Place, DataSet], missing: Mapping[_Place, DataSet]) -> None:
        """Refuse what can't be exported before anything is written."""
        names = (name for data in sets.values() for name in data.photo_folders)
        refuse_same_names(self._entries(), names)
        refuse_leaks(self.folders, self.options, self.parts, self.arms, self.workers, self.reporter)
        # Seeds change nothing of what an arm needs.
        one_seed = {(arm, fold): data for (arm, fold, _), data in missing.items()}
        with self.reporter.progress("Checking arms", len(one_seed)) as tick:
            for data in one_seed.values():
                with _told_of(data.arm):
                    check(data, self.folders)
                tick()

    def _refuse_other_folds(self, folder: Path) -> None:
        """Refuse a folder with the folds of other data."""
        for fold in self.parts.folds:
            for name, document in _fold_files(fold):
                if (folder / name).is_file() and file_sha256(folder / name) != document.sha256:
                    raise _of_others(folder / name)

    # --- files ----------------------------------------------------------------------------------

    def _write_folds(self) -> None:
        make_folders([self.out / TRAIN, self.out / VAL])
        for fold in self.parts.folds:
            for name, document in _fold_files(fold):
                write_atomically(self.out / name, document.path.read_bytes())

    def _write_lists(
        self,
        sets: Mapping[_Place, DataSet],
        made: Mapping[_Place, Made | None],
        left_out: Mapping[str, str],
    ) -> None:
        """Write what other trainers read, and what the judgement does."""
        cells = [self._cell(place, sets.get(place), made.get(place)) for place in self._places()]
        listed = Listed("trashdata prove --export", self._classes(), cells, dict(left_out))
        write_json(self.out / LIST, listed)
        write_json(self.out / COMPARISON_FILE, self._comparison(sets))
        make_folders([self.out / PREDICTIONS])

    def _cell(self, place: _Place, data: DataSet | None, made: Made | None) -> Cell:
        arm, fold, seed = place
        name = f"{PREDICTIONS}/{self._name(*place)}"
        return Cell(
            arm=arm,
            fold=fold,
            seed=seed,
            train=_train(fold) if data is None else data.file,
            images=IMAGES,
            val=_val(fold),
            predictions_folder=name,
            predictions_json=f"{name}.json",
            real=len(self.parts.folds[fold].train.images) if made is None else made.real,
            new=0 if made is None else made.new,
            share=next(one.share for one in self.arms if one.name == arm),
        )

    def _classes(self) -> list[ClassOf]:
        document = self.parts.documents[0]
        return [
            ClassOf(index, category.id, category.name)
            for index, category in enumerate(document.class_categories, start=1)
        ]

    def _comparison(self, sets: Mapping[_Place, DataSet]) -> Comparison:
        names = [one.name for one in fields(ComparisonOptions) if one.name not in _NOT_KEPT]
        options = {name: getattr(self.options, name) for name in names}
        for name in ("json", "val"):
            if options[name] is not None:
                options[name] = Path(options[name]).name
        first = self.options.seed
        contents = {arm.name: sets.get((arm.name, 0, first)) for arm in self.arms}
        return Comparison(
            options=options,
            patch=list(self.patch),
            arms=[_without_paths(arm) for arm in self.arms],
            contents={arm: "" if data is None else data.key for arm, data in contents.items()},
            folds=[
                FoldFiles(_train(one.number), _val(one.number), one.photos_sha256)
                for one in self.parts.folds
            ],
            photos=list(self.parts.photos),
            groups=self.parts.groups.tolist(),
            fold_of=self.parts.fold_of.tolist(),
            inputs=self._inputs(),
        )


def _train(fold: int) -> str:
    return f"{TRAIN}/fold_{fold}.json"


def _val(fold: int) -> str:
    return f"{VAL}/fold_{fold}.json"


def _fold_files(fold: Fold) -> list[tuple[str, Document]]:
    return [(_train(fold.number), fold.train), (_val(fold.number), fold.val)]


def _without_paths(arm: Arm) -> dict[str, Any]:
    """An arm as JSON has it, without the folders of this machine."""
    plain: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(asdict(arm)))
    for table in plain.values():
        if isinstance(table, dict) and table.get("donors"):
            table["donors"], table["donor_images"] = Path(table["donors"]).name, None
    return plain


def _made_before(out: Path, data: DataSet) -> Made | None:
    """What is kept of a training file; None if it has to be made.

    Raises
    ------
    UserError : it was made of something else.
    """
    path = out / data.record
    if not path.is_file() or not (out / data.file).is_file():
        return None
    with suppress(OSError, UnicodeDecodeError, msgspec.DecodeError):
        made = msgspec.json.decode(path.read_bytes(), type=Made)
        if made.key != data.key:
            raise _of_others(out / data.file)
        return made
    return None


def _of_others(path: Path) -> UserError:
    return UserError(
        f"--export: {printable(str(path))}",
        expected="data of these files, photos, options and versions",
        found="data of others",
        advice="choose another folder with --export",
    )


@contextmanager
def _told_of(arm: Arm) -> Iterator[None]:
    """Errors name the arm."""
    try:
        yield
    except UserError as error:
        raise of_arm(arm.name, error) from None
