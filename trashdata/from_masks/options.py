"""The options of from-masks."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, ClassVar

import typer

from trashdata.options.limits import check_options
from trashdata.options.shared import SegmentationOption


@dataclass(frozen=True)
class FromMasksOptions:
    """Options of from-masks: the masks, and the form of the annotations."""

    command: ClassVar[str] = "from-masks"

    masks_dir: Annotated[Path, typer.Argument(metavar="MASKS_DIR", show_default=False)]
    """Folder of label PNGs, subfolders too."""

    out: Annotated[str, typer.Option(metavar="NAME.json", show_default=False)]
    """File in the data folder."""

    classes: Annotated[
        Path | None, typer.Option(metavar="FILE.json", show_default="MASKS_DIR/classes.json")
    ] = None
    """The class of each index."""

    segmentation: SegmentationOption = "polygon"

    def __post_init__(self) -> None:
        check_options(self)
