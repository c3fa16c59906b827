"""The folder through which another trainer gets the arms' data and gives its predictions back."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from trashdata.errors import UserError, printable
from trashdata.prove.arms import Arm
from trashdata.prove.files import MARK, Kind
from trashdata.runs.files import write_atomically

TRAIN, VAL, IMAGES, PREDICTIONS, MADE = "train", "val", "images", "predictions", "made"
LIST, COMPARISON_FILE = "list.json", "comparison.json"

EXPORT = Kind(
    "trashdata prove --export",
    "--export",
    MADE,
    f"""Data of 'trashdata prove --export' for another trainer.

{LIST} has a record for each training that is to be done (a cell):
  arm, fold, seed      what it is; give the seed to your trainer
  train                COCO file to train on
  images               folder that every file_name is relative to, of both files
  val                  COCO file to predict; not to be looked at in training
  predictions_folder   where its predictions go, as label PNGs
  predictions_json     or here, as COCO results or as a COCO file
  real, new            photos of the training file: real ones, repeats included, and made ones
  share                of the photos shown that are to be made ones; null: as the file has them.
                       If the file has another share, draw photos by weight
All paths are relative to this folder. "classes" lists the indices of label PNGs (0 is background)
and the ids of the categories. "left_out" lists the arms that are no data, and why.

Train all cells with the same number of steps (not epochs: the files differ in length), batch,
schedule and initial weights, each with its seed. Predict every photo of the validation file once
with the last weights (not those that validation likes best), at the photo's own size:
  label PNGs     a folder with one 8-bit PNG a photo, under its file_name with the ending .png;
                 the values are the indices of the classes, and 0 or 255 elsewhere
  COCO results   [{{"image_id", "category_id", "segmentation", "score"}}, ...], with masks; where
                 objects overlap, the highest score is on top
Then: trashdata prove --score THIS_FOLDER

{IMAGES}/          links to the photos, and folders of new photos. To copy it to another machine,
                 follow the links: cp -rL, rsync -L, tar -h
{MADE}/            what was made of which options, so that 'trashdata prove --export' goes on
{COMPARISON_FILE}  what 'trashdata prove --score' needs to know beside the predictions
""",
)


class ClassOf(msgspec.Struct, frozen=True):
    """A class. ``index``: in label PNGs; ``id``: of its category."""

    index: int
    id: int
    name: str


class Cell(msgspec.Struct, frozen=True):
    """A training that is to be done; see the README above."""

    arm: str
    fold: int
    seed: int
    train: str
    images: str
    val: str
    predictions_folder: str
    predictions_json: str
    real: int
    new: int
    share: float | None

    @property
    def title(self) -> str:
        """What it is called in messages."""
        return f"arm {printable(self.arm)}, fold {self.fold}, seed {self.seed}"


class Listed(msgspec.Struct, frozen=True):
    """``list.json``. ``left_out``: the reason by the name of the arm."""

    made_by: str
    classes: list[ClassOf]
    cells: list[Cell]
    left_out: dict[str, str]


class FoldFiles(msgspec.Struct, frozen=True):
    """Files of a fold, and what it is known by, see `trashdata.prove.folds.Fold.digests`."""

    train: str
    val: str
    photos_sha256: str


class Comparison(msgspec.Struct, frozen=True):
    """``comparison.json``: what predictions are judged by.

    ``options``: of prove; ``contents``: by the name of the arm, what its data is known by;
    ``photos``, ``groups``, ``fold_of``: see `trashdata.prove.folds.Parts`; ``inputs``: SHA-256 of
    the user's files by name.
    """

    options: dict[str, Any]
    patch: list[str]
    arms: list[dict[str, Any]]
    contents: dict[str, str]
    folds: list[FoldFiles]
    photos: list[str]
    groups: list[int]
    fold_of: list[int]
    inputs: dict[str, str]


def folder_names(arms: Sequence[Arm]) -> dict[str, str]:
    """A name for files of each arm, by the arm's: different ones, on every file system.

    >>> folder_names([Arm("copy-paste"), Arm("a/b"), Arm("a b"), Arm("A_B")])
    {'copy-paste': 'copy-paste', 'a/b': 'a_b', 'a b': 'a_b_2', 'A_B': 'A_B_3'}
    """
    names: dict[str, str] = {}
    taken: set[str] = set()
    for arm in arms:
        # 60 characters of any script, with what follows, are less than 255 bytes.
        plain = re.sub(r"[^\w.+-]", "_", arm.name).lstrip(".-").replace("..", "_")[:50] or "arm"
        candidates = [plain, *(f"{plain}_{number}" for number in range(2, 2 + len(arms)))]
        name = next(one for one in candidates if one.casefold() not in taken)
        taken.add(name.casefold())
        names[arm.name] = name
    return names


def write_json(path: Path, content: msgspec.Struct) -> None:
    """Write a struct as JSON that people can read."""
    write_atomically(path, msgspec.json.format(msgspec.json.encode(content), indent=1) + b"\n")


def read_exchange(folder: Path) -> tuple[Listed, Comparison]:
    """Read what an export wrote.

    Raises
    ------
    UserError : it is no folder of an export, or one that is not complete.
    """
    where = f"--score {printable(str(folder))}"
    if not EXPORT.is_kind_of(folder):
        other = "another folder" if folder.is_dir() else "no folder"
        raise UserError(
            where,
            expected=f"a folder that 'trashdata prove --export' made, with its {MARK}",
            found=f"{other} of that name",
            advice="make one with --export DIR first",
        )
    for name in (LIST, COMPARISON_FILE):
        if not (folder / name).is_file():
            raise UserError(
                where,
                expected="an export that came to its end",
                found=f"no {name} in it",
                advice="start the command with --export again: it goes on",
            )
    return _read(folder / LIST, Listed), _read(folder / COMPARISON_FILE, Comparison)


def _read(path: Path, kind: type[Any]) -> Any:
    try:
        return msgspec.json.decode(path.read_bytes(), type=kind)
    except (OSError, UnicodeDecodeError, msgspec.DecodeError) as error:
        raise UserError(
            printable(str(path)),
            expected="the file as 'trashdata prove --export' wrote it",
            found=printable(str(error)),
            advice="start the command with --export again: it writes this file anew",
        ) from None
