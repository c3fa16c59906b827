"""The options of Copy-Paste, with their defaults and their limits."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from trashdata.errors import UserError
from trashdata.options import Exif, SegmentationForm

MAX_PHOTOS = 10_000_000
MIN_SIDE, MAX_SIDE = 16, 16_384
DEFAULT_PHOTOS = 1500
_JSON, _OUT = "train.json", "copy_paste"


@dataclass(frozen=True)
class CopyPasteOptions:
    """What is pasted where, and how; every field is the command's option of the same name.

    Scales are factors of side lengths, areas are in pixels, shares and probabilities are 0 to 1,
    ``rotate`` is in degrees to either side. ``num`` None is 1500 photos, with ``target`` or
    ``balance`` as many as they take; ``max_reuse`` None is 20 with either of them, else no cap.
    ``size`` is the longer side of the new photos, None that of their backgrounds; ``min_area``
    and ``max_area`` are meant there, ``min_donor_area`` in the donor's own photo.
    ``fold`` K stands for ``json`` "kfold_K_train.json" and ``out`` "copy_paste_K".
    """

    json: str = _JSON
    out: str = _OUT
    patch: tuple[str, ...] = ()
    donors: str | None = None
    donor_images: str | None = None
    remove_patch: tuple[str, ...] = ()
    background: tuple[str, ...] = ()
    num: int | None = None
    size: int | None = None
    target: tuple[str, ...] = ()
    balance: float | None = None
    max_reuse: int | None = None
    fold: int | None = None
    lsj: bool = True
    lsj_min: float = 0.2
    lsj_max: float = 2.0
    background_lsj_min: float = 1.0
    background_lsj_max: float = 2.0
    extract_patch: bool = True
    small_to_large: bool = True
    large_to_small: bool = True
    max_objects: int = 3
    min_area: int = 100
    max_area: int | None = None
    hflip: float = 0.5
    vflip: float = 0.0
    rotate: float = 0.0
    place: Literal["anywhere", "row"] = "anywhere"
    blend: Literal["none", "gaussian", "poisson"] = "gaussian"
    min_visible: float = 0.1
    max_cover: float = 0.3
    cut_donors: bool = False
    min_donor_area: int = 64
    filter_donors: bool = True
    mode: Literal["add", "self"] = "add"
    segmentation: SegmentationForm = "polygon"
    quality: int = 95
    exif: Exif = "auto"
    seed: int = 42

    def __post_init__(self) -> None:
        for name in ("patch", "remove_patch", "background", "target"):
            names = getattr(self, name)
            _check(name, not isinstance(names, str), "a tuple of texts", repr(names))
        self._check_goals()
        for name in ("max_objects", "min_area", "min_donor_area"):
            _check(name, getattr(self, name) >= 1, "at least 1", getattr(self, name))
        if self.num is not None:
            _check("num", 1 <= self.num <= MAX_PHOTOS, f"1 to {MAX_PHOTOS:,}", self.num)
        if self.size is not None:
            sound = MIN_SIDE <= self.size <= MAX_SIDE
            _check("size", sound, f"{MIN_SIDE} to {MAX_SIDE:,} pixels", self.size)
        for name in ("hflip", "vflip", "min_visible", "max_cover"):
            value = getattr(self, name)
            _check(name, 0 <= value <= 1, "a number from 0 to 1", value)
        _check("quality", 1 <= self.quality <= 100, "1 to 100", self.quality)
        _check("rotate", 0 <= self.rotate <= 180, "0 to 180 degrees", self.rotate)
        _check("seed", self.seed >= 0, "0 or more", self.seed)
        _check_range("lsj", self.lsj_min, self.lsj_max)
        _check_range("background_lsj", self.background_lsj_min, self.background_lsj_max)
        if self.max_area is not None:
            enough = self.max_area >= self.min_area
            _check("max_area", enough, f"at least --min-area {self.min_area}", self.max_area)
        if self.donor_images is not None and self.donors is None:
            _check("donor_images", False, "to come with --donors FILE.json", "it alone")

    def _check_goals(self) -> None:
        if self.max_reuse is not None:
            _check("max_reuse", self.max_reuse >= 1, "at least 1", self.max_reuse)
            _check("max_reuse", self.has_goals, "--target or --balance with it", "neither")
        if self.balance is not None:
            _check("balance", 0 <= self.balance <= 1, "a number from 0 to 1", self.balance)
            whole = self.mode == "add"
            _check("balance", whole, "--mode add, which keeps what it weighs", "--mode self")
        if self.fold is not None:
            _check("fold", self.fold >= 0, "0 or more", self.fold)
            own = self.json in (_JSON, self._fold_json)
            _check("fold", own, "no --json with it", f"--json {self.json}")

    @property
    def has_goals(self) -> bool:
        """Whether the number of photos follows from what the set is to hold."""
        return bool(self.target) or self.balance is not None

    @property
    def photos(self) -> int:
        """Photos to make; with goals at most so many."""
        if self.num is not None:
            return self.num
        return MAX_PHOTOS if self.has_goals else DEFAULT_PHOTOS

    @property
    def _fold_json(self) -> str:
        return f"kfold_{self.fold}_train.json"

    def resolved(self) -> CopyPasteOptions:
        """With the file names that ``fold`` stands for."""
        if self.fold is None:
            return self
        out = f"{_OUT}_{self.fold}" if self.out == _OUT else self.out
        return replace(self, json=self._fold_json, out=out)


def _check_range(name: str, low: float, high: float) -> None:
    limits = "a scale from 0.01 to 100"
    _check(f"{name}_min", 0.01 <= low <= 100, limits, low)
    _check(f"{name}_max", 0.01 <= high <= 100, limits, high)
    _check(f"{name}_max", low <= high, f"at least --{name.replace('_', '-')}-min {low:g}", high)


def _check(name: str, sound: bool, expected: str, found: object) -> None:
    if not sound:
        raise UserError(
            f"--{name.replace('_', '-')}",
            expected=expected,
            found=str(found),
            advice="see 'trashdata copy-paste --help'",
        )
