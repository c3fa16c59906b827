"""The options of oversampling, with their defaults and their limits."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

from trashdata.errors import UserError
from trashdata.options import Exif, SegmentationForm

from ..options import CopyPasteOptions

MAX_START = 10**12
DEFAULT_PHOTOS = 500
_JSON, _OUT, _REPEATS = "train.json", "oversample", "repeats"
# Not options of Copy-Paste, or with another meaning there: see `CopyPasteOptions.min_area`.
OWN = ("background_objects", "start_index", "elastic", "min_area", "max_area")
# Of Copy-Paste: an object at its own place on an untouched photo.
_AS_IT_STANDS: dict[str, Any] = {
    "lsj": False,
    "small_to_large": False,
    "large_to_small": False,
    "background_lsj_min": 1.0,
    "background_lsj_max": 1.0,
    "max_objects": 1,
    "min_area": 1,
    "max_area": None,
    "min_donor_area": 1,
}


@dataclass(frozen=True)
class OversampleOptions:
    """What is pasted where; every field is the command's option of the same name.

    ``background_objects``: how many objects a background may hold at most. ``min_area`` and
    ``max_area`` bound the donors, in pixels of their own photo; ``elastic`` is
    the largest displacement as a share of the donor's longer side, 0 for none; ``start_index``
    numbers the first new photo's file. ``num`` None is 500 photos, with ``target`` or ``balance``
    as many as they take; ``size`` is the longer side of the new photos, None that of their
    backgrounds. ``fold`` K stands for ``json`` "kfold_K_train.json" and ``out``
    "oversample_K".
    """

    json: str = _JSON
    out: str = _OUT
    patch: tuple[str, ...] = ()
    donors: str | None = None
    donor_images: str | None = None
    remove_patch: tuple[str, ...] = ()
    background: tuple[str, ...] = ()
    background_objects: int = 1
    num: int | None = None
    size: int | None = None
    target: tuple[str, ...] = ()
    balance: float | None = None
    max_reuse: int | None = None
    fold: int | None = None
    min_area: int = 100
    max_area: int | None = None
    start_index: int = 0
    elastic: float = 0.05
    hflip: float = 0.5
    vflip: float = 0.0
    blend: Literal["none", "gaussian", "poisson"] = "gaussian"
    min_visible: float = 0.1
    max_cover: float = 0.3
    filter_donors: bool = True
    mode: Literal["add", "self"] = "add"
    segmentation: SegmentationForm = "polygon"
    quality: int = 95
    exif: Exif = "auto"
    seed: int = 42

    def __post_init__(self) -> None:
        from ..planning.elastic import MAX_STRENGTH

        within = 0 <= self.elastic <= MAX_STRENGTH
        _check("elastic", within, f"a share from 0 to {MAX_STRENGTH:g}", self.elastic)
        numbered = 0 <= self.start_index <= MAX_START
        _check("start_index", numbered, f"0 to {MAX_START:,}", self.start_index)
        for name in ("background_objects", "min_area"):
            _check(name, getattr(self, name) >= 1, "at least 1", getattr(self, name))
        if self.max_area is not None:
            enough = self.max_area >= self.min_area
            _check("max_area", enough, f"at least --min-area {self.min_area}", self.max_area)
        _check_fold(self.fold, self.json)
        try:
            self.paste_options()
        except UserError as error:
            raise UserError(
                error.where, expected=error.expected, found=error.found, advice=_SEE_HELP
            ) from None

    def paste_options(self) -> CopyPasteOptions:
        """The options of Copy-Paste that paste one object at its own place on a whole photo."""
        shared = {name: value for name, value in asdict(self).items() if name not in OWN}
        options = CopyPasteOptions(**shared | _AS_IT_STANDS)
        if options.num is None and not options.has_goals:
            return replace(options, num=DEFAULT_PHOTOS)
        return options

    def resolved(self) -> OversampleOptions:
        """With the file names that ``fold`` stands for."""
        json, out = _names_of_fold(self.fold, self.json, self.out, _OUT)
        return replace(self, json=json, out=out)


@dataclass(frozen=True)
class RepeatOptions:
    """Which photos are repeated; every field is the command's option of the same name.

    ``threshold`` is t of the repeat factor, a share of the photos above 0 up to 1; None takes the
    median over the classes. ``fold`` K stands for ``json`` "kfold_K_train.json" and ``out``
    "repeats_K".
    """

    json: str = _JSON
    out: str = _REPEATS
    threshold: float | None = None
    fold: int | None = None
    seed: int = 42

    def __post_init__(self) -> None:
        within = self.threshold is None or 0 < self.threshold <= 1
        _check("repeat_factor", within, "auto, or a share above 0, up to 1", self.threshold)
        _check("seed", self.seed >= 0, "0 or more", self.seed)
        _check_fold(self.fold, self.json)

    def resolved(self) -> RepeatOptions:
        """With the file names that ``fold`` stands for."""
        json, out = _names_of_fold(self.fold, self.json, self.out, _REPEATS)
        return replace(self, json=json, out=out)


_SEE_HELP = "see 'trashdata oversample --help'"


def _check(name: str, sound: bool, expected: str, found: object) -> None:
    if not sound:
        where = f"--{name.replace('_', '-')}"
        raise UserError(where, expected=expected, found=str(found), advice=_SEE_HELP)


def _check_fold(fold: int | None, json: str) -> None:
    if fold is not None:
        _check("fold", fold >= 0, "0 or more", fold)
        own = json in (_JSON, f"kfold_{fold}_train.json")
        _check("fold", own, "no --json with it", f"--json {json}")


def _names_of_fold(fold: int | None, json: str, out: str, usual: str) -> tuple[str, str]:
    """The input's and output's names that ``--fold`` stands for."""
    if fold is None:
        return json, out
    return f"kfold_{fold}_train.json", f"{usual}_{fold}" if out == usual else out
