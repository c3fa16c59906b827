"""The options of kfold."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Annotated, Any, ClassVar

import typer

from trashdata.errors import UserError, nearest, printable
from trashdata.options.limits import Below, check, check_options
from trashdata.options.shared import JsonName, Seed
from trashdata.options.text import Text, join_list, split_list

# A class missing in a fold does more harm than one that is less frequent there.
SHARES = {"presence": 2.0, "count": 1.0, "area": 1.0}
"""The shares of a class that can be balanced, and how much each counts unless stated."""


def parse_weights(text: str) -> tuple[float, ...]:
    """The numbers of a text such as ``1,100,1``."""
    try:
        return tuple(float(item) for item in split_list(text))
    except ValueError:
        raise UserError(
            f"--weights {printable(text)!r}",
            expected="numbers with commas between them, such as 1,4,1",
            found="something else",
            advice="give one number for each of --labels",
        ) from None


def show_weights(weights: tuple[float, ...]) -> str:
    """The text that `parse_weights` reads."""
    return join_list([f"{weight:g}" for weight in weights])


@dataclass(frozen=True)
class KfoldOptions:
    """Options of a split."""

    command: ClassVar[str] = "kfold"

    json: JsonName = "train_all.json"
    """COCO file to split."""

    out: str = "kfold"
    """What the new files' names begin with."""

    folds: Annotated[int, typer.Option(min=2, max=1000)] = 5
    """Number of folds."""

    group_by: Annotated[str, typer.Option(metavar="auto|none|KEY|folder|duplicates")] = "auto"
    """Photos that stay in one fold; auto: near-duplicates, if the photos exist."""

    labels: Annotated[tuple[str, ...], Text(split_list, join_list)] = tuple(SHARES)
    """Shares of a class that are balanced."""

    weights: Annotated[
        tuple[float, ...] | None,
        typer.Option(metavar="NUMBERS", show_default=show_weights(tuple(SHARES.values()))),
        Text(parse_weights, show_weights),
    ] = None
    """Weight of each of --labels; 1,100,1 is for objects.

    In the order of ``labels``; None: as much as `SHARES` says.
    """

    refine: bool = True
    """Improve on iterative stratification."""

    holdout: Annotated[float, typer.Option(min=0, metavar="FRACTION"), Below(1)] = 0.0
    """Share of the photos to set aside as a test part first."""

    check: Annotated[
        tuple[str, str] | None, typer.Option(metavar="A.json B.json", show_default=False)
    ] = None
    """Do not split; report what two files share, with exit code 1 if anything."""

    allow_look_alikes: bool = False
    """With --check, leave out photos that only look alike; exact copies still count."""

    seed: Seed = 42

    def __post_init__(self) -> None:
        check_options(self)
        kinds = "auto, none, folder, duplicates or a key"
        check(self, "group_by", bool(self.group_by), kinds, "''")
        self._check_labels()
        checking = self.check is not None or not self.allow_look_alikes
        check(self, "allow_look_alikes", checking, "--check with it", "none")
        if self.weights is not None:
            sound = len(self.weights) == len(self.labels) and sum(self.weights) > 0
            sound = sound and all(math.isfinite(w) and w >= 0 for w in self.weights)
            expected = f"{len(self.labels)} numbers of at least 0, not all 0, one for each label"
            check(self, "weights", sound, expected, show_weights(self.weights))

    def _check_labels(self) -> None:
        for label in self.labels:
            if label not in SHARES:
                raise UserError(
                    f"--labels {printable(label)!r}",
                    expected=f"names among {', '.join(SHARES)}",
                    found="none of that name",
                    advice=nearest(label, tuple(SHARES)),
                )
        once = bool(self.labels) and len(set(self.labels)) == len(self.labels)
        found = ",".join(self.labels) or "none"
        check(self, "labels", once, "at least one label, each once", found)

    def share_weights(self) -> tuple[float, float, float]:
        """The weights of photos, objects and area; 0 for a share that is not balanced."""
        given = self.weights or tuple(SHARES[label] for label in self.labels)
        by_label = dict(zip(self.labels, given, strict=True))
        photos, objects, area = (by_label.get(share, 0.0) for share in SHARES)
        return photos, objects, area

    def of_split(self) -> dict[str, Any]:
        """The options of a split by name, for reports and manifests."""
        of_check = ("check", "allow_look_alikes")
        return {name: value for name, value in asdict(self).items() if name not in of_check}
