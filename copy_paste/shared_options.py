"""Options that copy-paste and oversample have in common."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

import typer

from trashdata.completion import complete_class, complete_class_pair, complete_json
from trashdata.options.limits import Choices, check, check_options
from trashdata.options.shared import (
    ExifOption,
    JsonName,
    PatchClasses,
    Seed,
    SegmentationOption,
)

from .blends import BLENDS

DEFAULT_MAX_REUSE = 20
"""Pastes of each donor annotation where goals are given and ``max_reuse`` is not."""

Classes = Annotated[tuple[str, ...], typer.Option(metavar="CLASS", autocompletion=complete_class)]
Share = Annotated[float, typer.Option(min=0, max=1)]


@dataclass(frozen=True)
class InputOptions:
    """Options of every method to add photos of rare classes."""

    command: ClassVar[str]
    usual_out: ClassVar[str]

    json: JsonName = "train.json"
    """COCO file to add to."""

    fold: Annotated[int | None, typer.Option(min=0, metavar="K", show_default=False)] = None
    """Read kfold_K_train.json, and end the default of --out in _K."""

    seed: Seed = 42

    def __post_init__(self) -> None:
        check_options(self)
        if self.fold is not None:
            usual = self.json in (InputOptions.json, self._fold_json)
            check(self, "fold", usual, "no --json with it", f"--json {self.json}")

    @property
    def _fold_json(self) -> str:
        return f"kfold_{self.fold}_train.json"

    def _names(self, out: str) -> tuple[str, str]:
        """Names of input and output, those of a fold if given; ``out``: the name without one."""
        if self.fold is None:
            return self.json, out
        return self._fold_json, f"{out}_{self.fold}" if out == self.usual_out else out


@dataclass(frozen=True)
class NewPhotoOptions(InputOptions):
    """Options of both methods for new photos; areas are in pixels, shares from 0 to 1."""

    patch: PatchClasses = ()

    donors: Annotated[
        str | None, typer.Option(metavar="FILE.json", autocompletion=complete_json)
    ] = None
    """Take donors from another COCO file."""

    donor_images: Annotated[str | None, typer.Option(metavar="DIR")] = None
    """Root of the photos of --donors."""

    allow_look_alikes: bool = False
    """With --fold, also take photos that look like one of validation; exact copies are still
    refused."""

    remove_patch: Classes = ()
    """Class that no donor photo may hold."""

    background: Annotated[
        tuple[str, ...],
        typer.Option(metavar="CLASS", autocompletion=complete_class, show_default="every photo"),
    ] = ()
    """Only photos whose objects are all of these classes."""

    size: Annotated[
        int | None,
        typer.Option(min=16, max=16_384, metavar="N", show_default="as large as their backgrounds"),
    ] = None
    """Longer side of the new photos, in pixels; everything is scaled with it."""

    target: Annotated[
        tuple[str, ...],
        typer.Option(metavar="CLASS=GOAL", autocompletion=complete_class_pair),
    ] = ()
    """What the new JSON is to hold: 300 objects, 2% of the objects, or 2px% of their
    areas. Repeat for more classes."""

    balance: Annotated[float | None, typer.Option(min=0, max=1, show_default=False)] = None
    """Bring the classes nearer to the largest: 0 not at all, 1 completely."""

    max_reuse: Annotated[int | None, typer.Option(min=1, show_default=str(DEFAULT_MAX_REUSE))] = (
        None
    )
    """Most pastes of a donor, with --target or --balance."""

    hflip: Share = 0.5
    """Probability of a horizontal flip, for donors; copy-paste flips backgrounds too."""

    vflip: Share = 0.0
    """Probability of a vertical flip, for donors."""

    blend: Annotated[str, Choices(tuple(BLENDS))] = "gaussian"
    """How an object is joined with the photo; labels do not change."""

    min_visible: Share = 0.1
    """Leave at least this share of a covered object visible, or cover it whole."""

    max_cover: Share = 0.3
    """Largest covered share of an object of a --patch class."""

    filter_donors: bool = True
    """Omit slivers, fragments and duplicates of other donors."""

    mode: Literal["add", "self"] = "add"
    """Write a JSON with the input and the new photos (add), or with the new ones alone (self)."""

    segmentation: SegmentationOption = "polygon"

    quality: Annotated[int, typer.Option(min=1, max=100)] = 95
    """Quality of the JPEGs."""

    exif: ExifOption = "auto"

    def __post_init__(self) -> None:
        super().__post_init__()
        alone = self.donor_images is not None and self.donors is None
        check(self, "donor_images", not alone, "to come with --donors FILE.json", "it alone")
        checked = self.fold is not None or not self.allow_look_alikes
        check(self, "allow_look_alikes", checked, "--fold K with it", "it alone")
        capped = self.max_reuse is not None and not self.has_goals
        check(self, "max_reuse", not capped, "--target or --balance with it", "neither")
        whole = self.balance is None or self.mode == "add"
        check(self, "balance", whole, "--mode add, which keeps what it weighs", "--mode self")

    @property
    def has_goals(self) -> bool:
        """Whether goals decide the number of photos."""
        return bool(self.target) or self.balance is not None
