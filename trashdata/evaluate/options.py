"""The options of evaluate."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, ClassVar

import typer

from trashdata.inference.options import EnsembleOptions
from trashdata.options.limits import refuse_together
from trashdata.options.shared import ExifOption, JsonName


@dataclass(frozen=True)
class EvaluateOptions(EnsembleOptions):
    """Options of evaluate: models, or existing predictions, to score."""

    command: ClassVar[str] = "evaluate"

    json: JsonName = "val.json"
    """COCO file with the true labels."""

    predictions: Annotated[Path | None, typer.Option(metavar="DIR_OR_JSON", show_default=False)] = (
        None
    )
    """Label PNGs, COCO results or a COCO file to score instead of a model; a path, or a name in
    the data folder.

    No photo is read then.
    """

    out: Annotated[
        Path | None, typer.Option(metavar="CONFUSION.png", show_default="no picture, tables only")
    ] = None
    """Picture of the confusion matrix."""

    exif: ExifOption = "auto"

    def __post_init__(self) -> None:
        super().__post_init__()
        refuse_together(self, "predictions", "model")
