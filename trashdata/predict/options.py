"""The options of predict."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

import typer

from trashdata.inference.choices import Format
from trashdata.inference.options import EnsembleOptions
from trashdata.options.shared import ExifOption, JsonName


@dataclass(frozen=True)
class PredictOptions(EnsembleOptions):
    """Options of predict: photos, models, and the format of the labels."""

    command: ClassVar[str] = "predict"

    json: JsonName = "test.json"
    """COCO file.

    Its annotations are not looked at.
    """

    out: str = "predictions"
    """Folder in the data folder."""

    format: Format = "masks"
    """Palette PNGs, COCO results, or a CSV of image_id,PredictionString.

    ``masks`` writes what `trashdata masks` would; ``coco`` writes ``predictions.json``, COCO
    results with a score for each connected region; ``csv`` writes ``predictions.csv``,
    size_out x size_out class ids a photo.
    """

    size_out: Annotated[int, typer.Option(min=1, max=4096)] = 256
    """Side of the maps in the CSV."""

    exif: ExifOption = "auto"
