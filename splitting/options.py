"""The options of kfold, with their defaults and their limits."""

from __future__ import annotations

import math
from dataclasses import dataclass

from trashdata.errors import UserError, nearest, printable

SHARES = ("presence", "count", "area")
# A class that a fold misses harms more than one that it has less of.
DEFAULT_WEIGHTS = (2.0, 1.0, 1.0)


@dataclass(frozen=True)
class KfoldOptions:
    """How a set is split; every field is the command's option of the same name.

    ``labels``: which shares count, names of `SHARES`; ``weights``: how much each share counts,
    in the order of ``labels``, `DEFAULT_WEIGHTS` if None; ``holdout``: a fraction of the photos.
    """

    json: str = "train_all.json"
    out: str = "kfold"
    folds: int = 5
    group_by: str = "auto"
    labels: tuple[str, ...] = SHARES
    weights: tuple[float, ...] | None = None
    refine: bool = True
    holdout: float = 0.0
    seed: int = 42

    def __post_init__(self) -> None:
        _check("folds", self.folds >= 2, "at least 2", self.folds)
        _check("seed", self.seed >= 0, "0 or more", self.seed)
        _check("holdout", 0 <= self.holdout < 1, "a fraction from 0 to under 1", self.holdout)
        _check("group_by", bool(self.group_by), "auto, none, folder, duplicates or a key", "''")
        self._check_labels()
        if self.weights is not None:
            sound = len(self.weights) == len(self.labels) and sum(self.weights) > 0
            sound = sound and all(math.isfinite(w) and w >= 0 for w in self.weights)
            expected = f"{len(self.labels)} numbers of at least 0, not all 0, one for each label"
            _check("weights", sound, expected, ",".join(f"{w:g}" for w in self.weights))

    def _check_labels(self) -> None:
        for label in self.labels:
            if label not in SHARES:
                raise UserError(
                    f"--labels {printable(label)!r}",
                    expected=f"names among {', '.join(SHARES)}",
                    found="none of that name",
                    advice=nearest(label, SHARES),
                )
        found = ",".join(self.labels) or "none"
        once = bool(self.labels) and len(set(self.labels)) == len(self.labels)
        _check("labels", once, "at least one label, each once", found)

    def share_weights(self) -> tuple[float, float, float]:
        """The weights of photos, objects and area; 0 for a share that does not count."""
        usual = dict(zip(SHARES, DEFAULT_WEIGHTS, strict=True))
        given = self.weights or tuple(usual[label] for label in self.labels)
        by_label = dict(zip(self.labels, given, strict=True))
        photos, objects, area = (by_label.get(share, 0.0) for share in SHARES)
        return photos, objects, area


def split_list(text: str) -> tuple[str, ...]:
    """The items of an option's value such as ``presence,count``."""
    return tuple(item.strip() for item in text.split(",") if item.strip())


def parse_weights(text: str | None) -> tuple[float, ...] | None:
    """``1,1,1`` as numbers; None stays None."""
    if text is None:
        return None
    try:
        return tuple(float(item) for item in split_list(text))
    except ValueError:
        raise UserError(
            f"--weights {printable(text)!r}",
            expected="numbers with commas between them, such as 1,4,1",
            found="something else",
            advice="give one number for each of --labels",
        ) from None


def _check(name: str, sound: bool, expected: str, found: object) -> None:
    if not sound:
        raise UserError(
            f"--{name.replace('_', '-')}",
            expected=expected,
            found=str(found),
            advice="see 'trashdata kfold --help'",
        )
