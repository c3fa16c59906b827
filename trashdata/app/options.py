"""The options of app."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

import typer

from trashdata.inference.options import EnsembleOptions
from trashdata.options.shared import ExifOption


@dataclass(frozen=True)
class AppOptions(EnsembleOptions):
    """Options of the app: its models, and its address."""

    command: ClassVar[str] = "app"

    port: Annotated[int, typer.Option(min=0, max=65535)] = 8501
    """Port on 127.0.0.1; 0 takes any free one."""

    browser: bool = True
    """Open a browser, if there is a display."""

    exif: ExifOption = "auto"
