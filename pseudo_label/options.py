"""The options of pseudo, with their defaults and their limits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from trashdata.errors import UserError
from trashdata.inference.choices import Tta
from trashdata.options import Exif, SegmentationForm

# One threshold for all would be 0.9 by custom, which next to nothing of rare classes reaches.
DEFAULT_PORTION = 0.5
# Options that speak of models, of confidences, or of how well models agree.
_OF_MODELS = (
    "model",
    "threshold",
    "portion",
    "agree",
    "min_image_score",
    "keep_images",
    "crf",
    "report",
)


@dataclass(frozen=True)
class PseudoOptions:
    """How pseudo-labels are made; every field is the command's option of the same name.

    Thresholds, scores and shares are 0 to 1, areas in pixels; ``size_in`` is the side of the
    label maps in ``from_csv``. Without ``threshold`` and ``portion`` the portion is
    `DEFAULT_PORTION`.
    """

    json: str = "test.json"
    out: str = "pseudo"
    model: tuple[str, ...] = ()
    tta: Tta = "flip"
    weights: str = "miou"
    threshold: float | None = None
    portion: float | None = None
    agree: bool = False
    min_area: int = 100
    min_image_score: float | None = None
    keep_images: float | None = None
    unsure: Literal["ignore", "background"] = "ignore"
    segmentation: SegmentationForm = "polygon"
    merge_with: str | None = None
    masks: bool = False
    from_csv: str | None = None
    size_in: int = 256
    from_masks: str | None = None
    crf: bool = False
    report: bool = False
    exif: Exif = "auto"
    device: str = "auto"
    seed: int = 42

    def __post_init__(self) -> None:
        _check("model", not isinstance(self.model, str), "a tuple of runs", repr(self.model))
        for name in ("threshold", "min_image_score"):
            value = getattr(self, name)
            _check(name, value is None or 0 <= value <= 1, "a number from 0 to 1", value)
        for name in ("portion", "keep_images"):
            value = getattr(self, name)
            _check(name, value is None or 0 < value <= 1, "a share over 0, at most 1", value)
        _check("min_area", self.min_area >= 0, "0 or more pixels", self.min_area)
        _check("size_in", 1 <= self.size_in <= 4096, "1 to 4096 pixels", self.size_in)
        _check("seed", self.seed >= 0, "0 or more", self.seed)
        self._refuse_together("threshold", "portion")
        self._refuse_together("min_image_score", "keep_images")
        self._refuse_together("from_csv", "from_masks")
        for road in ("from_csv", "from_masks"):
            for name in _OF_MODELS:
                self._refuse_together(road, name)
        for name in ("merge_with", "masks"):
            self._refuse_together("report", name)

    @property
    def setting(self) -> tuple[Literal["threshold", "portion"], float]:
        """What decides which pixels are sure, and its value."""
        if self.threshold is not None:
            return "threshold", self.threshold
        return "portion", DEFAULT_PORTION if self.portion is None else self.portion

    @property
    def uses_models(self) -> bool:
        """Whether labels come from models, and not from a file or a folder of masks."""
        return self.from_csv is None and self.from_masks is None

    @property
    def ranks_photos(self) -> bool:
        """Whether photos are kept by their score."""
        return self.min_image_score is not None or self.keep_images is not None

    def _given(self, name: str) -> bool:
        value = getattr(self, name)
        return value is not None and value is not False and value != ()

    def _refuse_together(self, one: str, other: str) -> None:
        if self._given(one) and self._given(other):
            _refuse(f"{_flag(one)} and {_flag(other)}", "one of the two", "both")


def _flag(name: str) -> str:
    return f"--{name.replace('_', '-')}"


def _check(name: str, sound: bool, expected: str, found: object) -> None:
    if not sound:
        _refuse(_flag(name), expected, str(found))


def _refuse(where: str, expected: str, found: str) -> None:
    advice = "see 'trashdata pseudo --help'"
    raise UserError(where, expected=expected, found=found, advice=advice)
