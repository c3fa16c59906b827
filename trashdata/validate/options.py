"""The options of validate."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

import typer

from trashdata.options.limits import check_options
from trashdata.options.shared import JsonName


@dataclass(frozen=True)
class ValidateOptions:
    """Options of validate: the file, the checks, and the repaired copy."""

    command: ClassVar[str] = "validate"

    json: JsonName = "train_all.json"
    """COCO file."""

    photos: bool = True
    """Also open every photo."""

    fix: Annotated[str | None, typer.Option(metavar="OUT.json", show_default=False)] = None
    """Write a repaired copy into the data folder.

    The input never changes, nor do photos.
    """

    def __post_init__(self) -> None:
        check_options(self)
