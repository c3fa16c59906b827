"""The options of clean."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, ClassVar

import typer


@dataclass(frozen=True)
class CleanOptions:
    """Which run."""

    command: ClassVar[str] = "clean"

    folder: Annotated[Path, typer.Argument(metavar="DIR")]
    """Folder of a finished run."""
