"""The options of verify."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, ClassVar

import typer


@dataclass(frozen=True)
class VerifyOptions:
    """Which run."""

    command: ClassVar[str] = "verify"

    folder: Annotated[Path, typer.Argument(metavar="DIR")]
    """Folder of a finished run."""
