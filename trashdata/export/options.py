"""The options of export."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, ClassVar, Literal, TypeAlias

import typer

from trashdata.completion import complete_json
from trashdata.options.limits import check, check_options

FormName: TypeAlias = Literal["yolo", "voc-masks", "coco-panoptic"]
"""Each is a module in ``forms/``, with an underscore for the hyphen."""


@dataclass(frozen=True)
class ExportOptions:
    """Options of export: the files, the form, and the folder."""

    command: ClassVar[str] = "export"

    to: Annotated[FormName, typer.Option(show_default=False)]
    """What to write.

    ``yolo`` (Ultralytics: an object is one polygon, holes and parts joined by bridges),
    ``voc-masks`` (mmsegmentation, torchvision: palette label PNGs) or ``coco-panoptic``
    (detectron2: segments that don't overlap).
    """

    out: Annotated[Path, typer.Option(metavar="DIR", show_default=False)]
    """A new folder."""

    json: Annotated[tuple[str, ...], typer.Option(autocompletion=complete_json)] = (
        "train.json",
        "val.json",
    )
    """COCO file; give it again for the validation, then the test part.

    Each becomes a split of its own name.
    """

    photos: bool = True
    """Copy the photos as well.

    They are in one flat folder; the name of a photo's folder becomes part of its own.
    """

    def __post_init__(self) -> None:
        check_options(self)
        names = {Path(name).stem for name in self.json}
        sound = 1 <= len(names) == len(self.json) <= 3
        expected = "one to three files of different names, for training, validation and test"
        check(self, "json", sound, expected, ", ".join(self.json) or "none")
