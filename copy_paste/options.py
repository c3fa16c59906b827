"""The options of Copy-Paste, with their defaults and their limits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from trashdata.errors import UserError
from trashdata.options import Exif, SegmentationForm

MAX_PHOTOS = 10_000_000


@dataclass(frozen=True)
class CopyPasteOptions:
    """What is pasted where, and how; every field is the command's option of the same name.

    Scales are factors of side lengths, areas are in pixels, shares and probabilities are 0 to 1,
    ``rotate`` is in degrees to either side.
    """

    json: str = "train.json"
    out: str = "copy_paste"
    patch: tuple[str, ...] = ()
    donors: str | None = None
    donor_images: str | None = None
    remove_patch: tuple[str, ...] = ()
    background: tuple[str, ...] = ()
    num: int = 1500
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
    mode: Literal["add", "self"] = "add"
    segmentation: SegmentationForm = "polygon"
    quality: int = 95
    exif: Exif = "auto"
    seed: int = 42

    def __post_init__(self) -> None:
        for name in ("patch", "remove_patch", "background"):
            names = getattr(self, name)
            _check(name, not isinstance(names, str), "a tuple of class names", repr(names))
        at_least_one = ("num", "max_objects", "min_area")
        for name in at_least_one:
            _check(name, getattr(self, name) >= 1, "at least 1", getattr(self, name))
        _check("num", self.num <= MAX_PHOTOS, f"at most {MAX_PHOTOS:,}", self.num)
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
