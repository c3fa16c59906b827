"""The options of prove."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Annotated, Any, ClassVar

import typer

from trashdata.errors import UserError, printable
from trashdata.options.limits import Choices, check, check_options, refuse_together
from trashdata.options.shared import ExifOption, JsonName, PatchClasses, Seed
from trashdata.options.text import Text, join_list, split_list
from trashdata.prove.spokes import LAPTOP, PRESETS, ModelOptions

STEPS = 400
"""Optimizer steps of a run, where neither --steps nor --budget is given."""
FEWEST_STEPS = 2
MOST_SEEDS = 1000

_LENGTHS = ("steps", "epochs")
_OF_SCORING = ("score", "out", "preset")
_NUMBER = r"(\d+(?:\.\d+)?)"
_BUDGET = re.compile(rf"(?:{_NUMBER}h)?(?:{_NUMBER}m)?(?:{_NUMBER}s)?")
_SECONDS = (3600, 60, 1)


def parse_steps(text: str) -> tuple[int, ...]:
    """The numbers of a text such as ``400,1600``."""
    try:
        return tuple(int(item) for item in split_list(text))
    except ValueError:
        raise UserError(
            f"--steps {printable(text)!r}",
            expected="whole numbers with commas between them, such as 400,1600",
            found="something else",
            advice="give one number, or several",
        ) from None


def parse_budget(text: str) -> float:
    """Seconds of a text such as ``60m`` or ``1h30m``.

    >>> parse_budget("60m"), parse_budget("1h30m")
    (3600.0, 5400.0)
    """
    match = _BUDGET.fullmatch(text.strip())
    parts = (None, None, None) if match is None else match.groups()
    seconds = sum(float(part or 0) * unit for part, unit in zip(parts, _SECONDS, strict=True))
    if not 0 < seconds < math.inf:
        raise UserError(
            f"--budget {printable(text)!r}",
            expected="a time such as 90m or 1h30m",
            found="something else",
            advice="give numbers with h, m or s behind them",
        )
    return seconds


def _without_length(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name not in (*_LENGTHS, "workers")}


@dataclass(frozen=True)
class ComparisonOptions:
    """Options of what is compared, on which photos, and how long."""

    preset: Annotated[str | None, Choices(tuple(PRESETS))] = LAPTOP
    """Model and learning rates at once, as of train."""

    json: Annotated[
        JsonName | None,
        typer.Option(show_default="train.json with --val, else train_all.json"),
    ] = None
    """COCO file to train on; without --val also to validate on, in folds."""

    val: Annotated[JsonName | None, typer.Option(show_default=False)] = None
    """COCO file to validate on, instead of folds."""

    folds: Annotated[int | None, typer.Option(min=2, max=100, show_default="3 without --val")] = (
        None
    )
    """Number of folds."""

    group_by: Annotated[str, typer.Option(metavar="auto|none|KEY|folder|duplicates")] = "auto"
    """Photos that count as one; auto: frames of a video in blocks, else near-duplicates.

    Folds keep these groups together, and photos are drawn by them.
    """

    arm: Annotated[tuple[str, ...], typer.Option(metavar="NAME", show_default="all")] = ()
    """Arm to compare; repeat for more."""

    arms: Annotated[Path | None, typer.Option(metavar="FILE.toml", show_default=False)] = None
    """Further arms: tables such as [arm.big] and [arm.big.copy-paste]."""

    against: Annotated[str, typer.Option(metavar="NAME")] = "plain"
    """Arm that the others are compared with."""

    search: bool = False
    """Choose copy-paste's options first, on the training photos alone; compare the winner.

    24 combinations of size, place, share, classes, blend and number of objects are halved until one
    is left. It is compared with its controls on photos and seeds that the search has not seen.
    """

    patch: PatchClasses = ()

    seeds: Annotated[int, typer.Option(min=2, max=MOST_SEEDS)] = 5
    """Runs of each arm on each fold; further ones are added to those that are there."""

    steps: Annotated[
        tuple[int, ...] | None,
        typer.Option(metavar="N[,N]", show_default=str(STEPS)),
        Text(parse_steps, join_list),
    ] = None
    """Optimizer steps of a run; several lengths are compared each by itself."""

    budget: Annotated[str | None, typer.Option(metavar="TIME", show_default=False)] = None
    """Choose --steps so that all runs take about so long, such as 90m or 2h."""

    out: Annotated[Path, typer.Option(metavar="DIR")] = Path("prove")
    """Folder of the runs and their results."""

    export: Annotated[Path | None, typer.Option(metavar="DIR", show_default=False)] = None
    """Train nothing: write the data of the arms to this folder, for another trainer."""

    score: Annotated[Path | None, typer.Option(metavar="DIR", show_default=False)] = None
    """Train nothing: judge another trainer's predictions in a folder that --export made."""

    allow_look_alikes: bool = False
    """Train on photos that look like one of validation; exact copies are still refused."""

    exif: ExifOption = "auto"
    seed: Seed = 1


@dataclass(frozen=True)
class ProveOptions(ModelOptions, ComparisonOptions):
    """Options of a comparison of arms.

    The defaults of the model are those of ``--preset laptop`` on the command line; in Python, make
    them by `trashdata.options.presets.with_preset`.
    """

    command: ClassVar[str] = "prove"
    presets: ClassVar[dict[str, dict[str, Any]]] = {
        name: _without_length(values) for name, values in PRESETS.items()
    }

    def __post_init__(self) -> None:
        check_options(self)
        self.check_model()
        refuse_together(self, "val", "folds")
        refuse_together(self, "steps", "budget")
        for name in ("arm", "arms", "export", "score"):
            refuse_together(self, "search", name)
        self._check_exchange()
        if self.steps is not None:
            shown = join_list(self.steps) or "none"
            enough = bool(self.steps) and min(self.steps) >= FEWEST_STEPS
            check(self, "steps", enough, f"numbers of at least {FEWEST_STEPS}", shown)
            once = len(set(self.steps)) == len(self.steps)
            check(self, "steps", once, "each number once", shown)
            single = not self.search or len(self.steps) < 2
            check(self, "steps", single, "one number with --search", shown)
        check(self, "loss", self.loss != "cdb", "another loss: nothing is validated in training")
        if self.budget is not None:
            parse_budget(self.budget)

    def _check_exchange(self) -> None:
        """Refuse options that say nothing where another program trains."""
        refuse_together(self, "export", "score")
        for name in ("export", "score"):
            for length in ("steps", "budget"):
                refuse_together(self, name, length)
        if self.score is None:
            return
        for one in fields(ComparisonOptions):
            said = getattr(self, one.name) == one.default or one.name in _OF_SCORING
            check(self, one.name, said, "no such option with --score: the export has it")

    @property
    def json_name(self) -> str:
        """The COCO file to train on."""
        return self.json or ("train_all.json" if self.val is None else "train.json")

    @property
    def fold_count(self) -> int:
        """The number of folds; 1 with a file to validate on."""
        return 1 if self.val is not None else self.folds or 3

    def seed_numbers(self) -> list[int]:
        """The seeds of the runs, rising by one from ``seed``."""
        return list(range(self.seed, self.seed + self.seeds))
