"""The options of sample."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

import typer

from trashdata.options.limits import check_options
from trashdata.options.shared import Seed


@dataclass(frozen=True)
class SampleOptions:
    """Options of the sample set; the same options give the same bytes."""

    command: ClassVar[str] = "sample"

    images: Annotated[int, typer.Option(min=1, max=1_000_000)] = 600
    """Photos to draw."""

    size: Annotated[int, typer.Option(min=64, max=4096)] = 256
    """Side of the photos, pixels."""

    seed: Seed = 42

    def __post_init__(self) -> None:
        check_options(self)
