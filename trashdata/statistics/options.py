"""The options of stats."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, ClassVar

import typer

from trashdata.options.limits import check_options
from trashdata.options.shared import JsonName


@dataclass(frozen=True)
class StatsOptions:
    """Options of stats: the files, and the picture."""

    command: ClassVar[str] = "stats"

    json: JsonName = "train_all.json"
    """COCO file."""

    compare: Annotated[str | None, typer.Option(metavar="OTHER.json", show_default=False)] = None
    """Second COCO file to compare with; classes are matched by name."""

    out: Annotated[
        Path | None, typer.Option(metavar="STATS.png", show_default="no picture, tables only")
    ] = None
    """Picture to write."""

    def __post_init__(self) -> None:
        check_options(self)
