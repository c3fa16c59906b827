"""The options of preview."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, ClassVar

import typer

from trashdata.completion import complete_class
from trashdata.options.limits import check_options
from trashdata.options.shared import ExifOption, JsonName, Seed

# The whole sheet is held in memory; 20 x 20 photos take 200 MB.
MAX_PHOTOS = 400


@dataclass(frozen=True)
class PreviewOptions:
    """Options of preview: the photos, and the picture."""

    command: ClassVar[str] = "preview"

    out: Annotated[Path, typer.Option(metavar="SHEET.png", show_default=False)]
    """Picture to write."""

    json: JsonName = "train.json"
    """COCO file."""

    num: Annotated[int, typer.Option(min=1, max=MAX_PHOTOS)] = 16
    """Photos at most.

    With a smaller number and the same seed, the photos are among those of a larger one.
    """

    patch: Annotated[
        tuple[str, ...],
        typer.Option(
            metavar="CLASS", autocompletion=complete_class, show_default="photos of all classes"
        ),
    ] = ()
    """Only photos that hold an object of this class; repeat for more."""

    seed: Seed = 42

    exif: ExifOption = "auto"

    def __post_init__(self) -> None:
        check_options(self)
