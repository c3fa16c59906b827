"""The options of pseudo."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import Annotated, ClassVar, Literal

import typer

from trashdata.inference.choices import (
    CrfOption,
    DeviceOption,
    ModelRuns,
    TtaOption,
    WeightsOption,
)
from trashdata.options.limits import Above, check_options, refuse_together
from trashdata.options.shared import ExifOption, JsonName, Seed, SegmentationOption

# One threshold for all classes is usually 0.9, which hardly any pixel of a rare class reaches.
DEFAULT_PORTION = 0.5

LABEL_SOURCES = ("from_csv", "from_masks")
"""Options that name labels to take instead of predicting them. The module of the option's name in
``labels/sources/`` reads them."""

# Options about models, confidences, or the agreement of models.
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
    """Options of pseudo-labels."""

    command: ClassVar[str] = "pseudo"

    json: JsonName = "test.json"
    """COCO file with the photos."""

    out: str = "pseudo"
    """Name of the new folder and JSON in the data folder."""

    model: ModelRuns = ()
    tta: TtaOption = "flip"
    weights: WeightsOption = "miou"

    threshold: Annotated[float | None, typer.Option(min=0, max=1)] = None
    """Keep pixels of at least this confidence instead, whatever their class."""

    portion: Annotated[
        float | None, Above(0), typer.Option(max=1, show_default=str(DEFAULT_PORTION))
    ] = None
    """Keep the surest share of each class."""

    agree: bool = False
    """Pixels on which models or views disagree are unsure."""

    min_area: Annotated[int, typer.Option(min=0)] = 100
    """Smaller regions are unsure, in pixels."""

    min_image_score: Annotated[float | None, typer.Option(min=0, max=1)] = None
    """Only photos on which the mean IoU of models and ensemble is at least this."""

    keep_images: Annotated[float | None, Above(0), typer.Option(max=1, metavar="FRACTION")] = None
    """Only this share of the photos, those with the highest such score."""

    unsure: Literal["ignore", "background"] = "ignore"
    """What becomes of unsure pixels."""

    segmentation: SegmentationOption = "polygon"

    merge_with: Annotated[str | None, typer.Option(metavar="FILE.json")] = None
    """Also write this file and the labels merged, to train on."""

    masks: bool = False
    """Also write label PNGs."""

    from_csv: Annotated[str | None, typer.Option(metavar="FILE.csv")] = None
    """Take labels from a competition's CSV instead."""

    size_in: Annotated[int, typer.Option(min=1, max=4096)] = 256
    """Side of the label maps in --from-csv.

    In pixels.
    """

    from_masks: Annotated[str | None, typer.Option(metavar="DIR")] = None
    """Take labels from label PNGs instead."""

    crf: CrfOption = False

    report: bool = False
    """On a --json with labels: report how accurate the kept labels are."""

    exif: ExifOption = "auto"
    device: DeviceOption = "auto"
    seed: Seed = 42

    def __post_init__(self) -> None:
        check_options(self)
        refuse_together(self, "threshold", "portion")
        refuse_together(self, "min_image_score", "keep_images")
        for one, other in combinations(LABEL_SOURCES, 2):
            refuse_together(self, one, other)
        for source in LABEL_SOURCES:
            for name in _OF_MODELS:
                refuse_together(self, source, name)
        for name in ("merge_with", "masks"):
            refuse_together(self, "report", name)

    @property
    def setting(self) -> tuple[Literal["threshold", "portion"], float]:
        """Name and value of the option that decides which pixels are sure."""
        if self.threshold is not None:
            return "threshold", self.threshold
        return "portion", DEFAULT_PORTION if self.portion is None else self.portion

    @property
    def uses_models(self) -> bool:
        """Whether labels come from models, not from one of `LABEL_SOURCES`."""
        return all(getattr(self, name) is None for name in LABEL_SOURCES)

    @property
    def ranks_photos(self) -> bool:
        """Whether photos are chosen by their score."""
        return self.min_image_score is not None or self.keep_images is not None
