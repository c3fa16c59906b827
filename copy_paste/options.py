"""The options of copy-paste and oversample; shared_options.py has those of both."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass, fields, replace
from typing import Annotated, Any, ClassVar

import typer

from trashdata.errors import UserError, printable
from trashdata.options.limits import Choices, check, flag

from .placement import PLACEMENTS
from .shared_options import InputOptions, NewPhotoOptions

MAX_PHOTOS = 10_000_000
COPY_PASTE_PHOTOS, OVERSAMPLE_PHOTOS = 1500, 500
"""Photos to make, where neither their number nor goals are given."""
MAX_ELASTIC = 0.1
"""Of a donor's longer side; a field of this smoothness folds from 0.12 on."""

PRESETS: dict[str, dict[str, Any]] = {
    "natural": {
        "small_to_large": False,
        "large_to_small": False,
        "lsj_min": 0.8,
        "lsj_max": 1.25,
        "background_lsj_max": 1.0,
        "max_objects": 5,
    }
}
"""``natural``: donors keep about their size, and backgrounds are not changed."""

Scale = Annotated[float, typer.Option(min=0.01, max=100)]
Area = Annotated[int, typer.Option(min=1)]


@dataclass(frozen=True)
class CopyPasteOptions(NewPhotoOptions):
    """Options of Copy-Paste.

    Scales are factors of side lengths. ``min_area`` and ``max_area`` are measured in the new photo,
    ``min_donor_area`` in the donor's photo.
    """

    command: ClassVar[str] = "copy-paste"
    usual_out: ClassVar[str] = "copy_paste"
    presets: ClassVar[dict[str, dict[str, Any]]] = PRESETS

    preset: Annotated[str | None, Choices(tuple(PRESETS)), typer.Option(show_default=False)] = None
    """A set of option values; see the documentation."""

    out: str = usual_out
    """Name of the new folder and JSON in the data folder."""

    num: Annotated[
        int | None,
        typer.Option(
            min=1,
            max=MAX_PHOTOS,
            show_default=f"{COPY_PASTE_PHOTOS}; with --target or --balance, as many as needed",
        ),
    ] = None
    """Photos to make; with --target or --balance at most this many."""

    lsj: bool = True
    """Large-scale jittering of donors."""

    lsj_min: Scale = 0.2
    """Smallest scale of a donor's sides."""

    lsj_max: Scale = 2.0
    """Largest scale of a donor's sides."""

    background_lsj_min: Scale = 1.0
    """Smallest scale of a background's sides; under 1 it is padded."""

    background_lsj_max: Scale = 2.0
    """Largest scale of a background's sides; over 1 it is cropped."""

    extract_patch: Annotated[bool, typer.Option("--extract-patch/--whole")] = True
    """Paste single objects of the classes, or all objects of their photo together."""

    small_to_large: bool = True
    """Enlarge donors under 2 % of their photo to 2 % first."""

    large_to_small: bool = True
    """Shrink donors over 8 % of their photo to 8 % first."""

    max_objects: Annotated[int, typer.Option(min=0)] = 3
    """Paste 1 to this many objects on a photo; 0 pastes none, to compare with."""

    min_area: Area = 100
    """Smallest pasted object, in pixels."""

    max_area: Area | None = None
    """Largest pasted object, in pixels."""

    rotate: Annotated[float, typer.Option(min=0, max=180)] = 0.0
    """Turn donors by up to ± degrees."""

    place: Annotated[str, Choices(tuple(PLACEMENTS))] = "anywhere"
    """Where donors are put: anywhere, near the height at which they stood (row), or where the
    labels around look like those around them in their own photo (context)."""

    cut_donors: bool = False
    """Also paste objects that the border of their photo cuts."""

    min_donor_area: Area = 64
    """Smallest donor, in pixels."""

    def __post_init__(self) -> None:
        super().__post_init__()
        for low, high in (("lsj_min", "lsj_max"), ("background_lsj_min", "background_lsj_max")):
            smallest = getattr(self, low)
            sound = smallest <= getattr(self, high)
            check(self, high, sound, f"at least {flag(low)} {smallest:g}")
        _check_areas(self)
        pastes = self.max_objects > 0 or (self.extract_patch and not self.has_goals)
        check(self, "max_objects", pastes, "at least 1 with --whole, --target or --balance")

    @property
    def photos(self) -> int:
        """Photos to make; with goals at most this many."""
        if self.num is not None:
            return self.num
        return MAX_PHOTOS if self.has_goals else COPY_PASTE_PHOTOS

    def resolved(self) -> CopyPasteOptions:
        """The options with the file names of ``fold``, and without the name of their preset."""
        json, out = self._names(self.out)
        return replace(self, json=json, out=out, preset=None)


# Options of Copy-Paste that change neither the object nor the background.
_AS_IT_STANDS: dict[str, Any] = {
    "lsj": False,
    "small_to_large": False,
    "large_to_small": False,
    "background_lsj_min": 1.0,
    "background_lsj_max": 1.0,
    "max_objects": 1,
    "place": "anywhere",  # Not asked for: donors keep their position.
    "min_area": 1,
    "max_area": None,
    "min_donor_area": 1,
}


@dataclass(frozen=True)
class RepeatOptions(InputOptions):
    """Options of ``oversample --repeat-factor``: which photos are repeated.

    ``threshold`` is t of the repeat factor, a share of the photos above 0, up to 1; None takes
    the median over the classes.
    """

    command: ClassVar[str] = "oversample"
    usual_out: ClassVar[str] = "repeats"

    out: str = usual_out
    """Name of the new folder and JSON in the data folder."""

    threshold: float | None = None

    def __post_init__(self) -> None:
        # Checked first, since the other checks would name the option after the field.
        within = self.threshold is None or 0 < self.threshold <= 1
        expected = "auto, or a share above 0, up to 1"
        check(self, "repeat_factor", within, expected, str(self.threshold))
        super().__post_init__()

    def resolved(self) -> RepeatOptions:
        """The options with the file names of ``fold``."""
        json, out = self._names(self.out)
        return replace(self, json=json, out=out)


@dataclass(frozen=True)
class OversampleOptions(NewPhotoOptions):
    """Options of oversampling, or with ``repeat_factor`` of repeating photos."""

    command: ClassVar[str] = "oversample"
    usual_out: ClassVar[str] = "oversample"

    out: Annotated[
        str | None,
        typer.Option(
            show_default=f"{usual_out}, or {RepeatOptions.usual_out} with --repeat-factor"
        ),
    ] = None
    """Name of the new folder and JSON in the data folder."""

    background_objects: Annotated[int, typer.Option(min=1)] = 1
    """Objects on a background, at most."""

    num: Annotated[
        int | None,
        typer.Option(
            min=1,
            max=MAX_PHOTOS,
            show_default=f"{OVERSAMPLE_PHOTOS}; with --target or --balance, as many as needed",
        ),
    ] = None
    """Photos to make; with --target or --balance at most this many."""

    min_area: Area = 100
    """Smallest donor, in pixels of its photo."""

    max_area: Area | None = None
    """Largest donor, in pixels of its photo."""

    start_index: Annotated[int, typer.Option(min=0, max=10**12)] = 0
    """Number of the first new photo's file."""

    elastic: Annotated[float, typer.Option(min=0, max=MAX_ELASTIC)] = 0.05
    """Bend donors by up to this share of their longer side."""

    repeat_factor: Annotated[str | None, typer.Option(metavar="auto|T")] = None
    """Make no photos: write a JSON in which photos of classes that fewer than a share T of the
    photos hold stand repeatedly; auto takes the median class."""

    # Not options of Copy-Paste, or different ones there.
    unlike_copy_paste: ClassVar[tuple[str, ...]] = (
        *("background_objects", "start_index", "elastic", "min_area", "max_area"),
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        _check_areas(self)
        if self.repeat_factor is not None:
            self.repeats()

    def paste_options(self) -> CopyPasteOptions:
        """Options of Copy-Paste that paste one object at its original position on a photo."""
        both = {field.name: getattr(self, field.name) for field in fields(NewPhotoOptions)}
        num = self.num if self.num is not None or self.has_goals else OVERSAMPLE_PHOTOS
        json, out = self._names(self.out or self.usual_out)
        return CopyPasteOptions(**both | {"json": json, "out": out, "num": num} | _AS_IT_STANDS)

    def repeats(self) -> RepeatOptions:
        """The options of the run that repeats photos."""
        return RepeatOptions(
            json=self.json,
            out=self.out or RepeatOptions.usual_out,
            threshold=_parse_threshold(self.repeat_factor or "auto"),
            fold=self.fold,
            seed=self.seed,
        )

    def refuse_unused(self, stated: Set[str]) -> None:
        """Refuse options of new photos on the command line of a call that makes none.

        Values that are not on the command line may be defaults of the TOML file for other calls.
        """
        used = {field.name for field in fields(RepeatOptions)} | {"repeat_factor"}
        unused = [f.name for f in fields(self) if f.name in stated and f.name not in used]
        if self.repeat_factor is not None and unused:
            raise UserError(
                flag(unused[0]),
                expected="no option of new photos beside --repeat-factor, which makes none",
                found="both",
                advice="leave out one of the two",
            )


def _parse_threshold(text: str) -> float | None:
    """``auto`` as None, anything else as a number.

    >>> _parse_threshold("auto"), _parse_threshold("0.25")
    (None, 0.25)
    """
    if text == "auto":
        return None
    try:
        return float(text)
    except ValueError:
        raise UserError(
            f"--repeat-factor {printable(text)!r}",
            expected="auto, or a share of the photos above 0, up to 1",
            found="neither",
            advice="see 'trashdata oversample --help'",
        ) from None


def _check_areas(options: CopyPasteOptions | OversampleOptions) -> None:
    smallest, largest = options.min_area, options.max_area
    sound = largest is None or largest >= smallest
    check(options, "max_area", sound, f"at least --min-area {smallest}")
