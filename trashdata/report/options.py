"""The options of report."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, ClassVar

import typer

from trashdata.options.limits import check_options
from trashdata.options.shared import ExifOption, JsonName, Seed

from .limits import MAX_PHOTOS


@dataclass(frozen=True)
class ReportOptions:
    """Options of report: the content of the page, and its path."""

    command: ClassVar[str] = "report"

    json: JsonName = "train_all.json"
    """COCO file."""

    compare: Annotated[str | None, typer.Option(metavar="OTHER.json", show_default=False)] = None
    """Second COCO file to compare with in the statistics."""

    run: Annotated[str | None, typer.Option(metavar="RUN", show_default=False)] = None
    """Training run to show: its folder, or its name under runs."""

    prove: Annotated[Path | None, typer.Option(metavar="DIR", show_default=False)] = None
    """Folder of trashdata prove to show."""

    out: Annotated[Path, typer.Option(metavar="REPORT.html")] = Path("report.html")
    """HTML file to write."""

    num: Annotated[int, typer.Option(min=1, max=MAX_PHOTOS)] = 1000
    """Photos in the gallery at most.

    The more photos, the smaller each is: see `trashdata.report.limits`.
    """

    seed: Seed = 42

    exif: ExifOption = "auto"

    def __post_init__(self) -> None:
        check_options(self)
