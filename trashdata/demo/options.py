"""The options of demo."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, ClassVar

import typer

from trashdata.options.limits import check_options


@dataclass(frozen=True)
class DemoOptions:
    """Options of the demo: its folder and its size."""

    command: ClassVar[str] = "demo"

    out: Annotated[Path, typer.Option(metavar="DIR")] = Path("demo")
    """Folder to work in.

    Data is in ``input/data``, runs are in ``runs``.
    """

    images: Annotated[int, typer.Option(min=60, max=100_000)] = 600
    """Photos to draw.

    With fewer, the rare class is not in every part of the set.
    """

    epochs: Annotated[int, typer.Option(min=1)] = 16
    """Epochs of each of the two trainings."""

    def __post_init__(self) -> None:
        check_options(self)
