"""Options that mean the same in every command, declared once.

`Shared` has those that say where and how a command works. The types below are for fields of the
commands' own options; each includes its help.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal, TypeAlias

import typer

from trashdata.choices import Exif, SegmentationForm
from trashdata.completion import complete_class, complete_json
from trashdata.options.config import load_defaults
from trashdata.paths import DEFAULT_DATA

JsonName: TypeAlias = Annotated[str, typer.Option(autocompletion=complete_json)]

Seed: TypeAlias = Annotated[int, typer.Option(min=0, help="Seed of all random draws.")]
ExifOption: TypeAlias = Annotated[
    Exif, typer.Option(help="Rotate photos by EXIF: if the JSON's sizes require it, always, never.")
]
PatchClasses: TypeAlias = Annotated[
    tuple[str, ...],
    typer.Option(
        metavar="CLASS",
        autocompletion=complete_class,
        show_default="classes with fewer than half the mean number of objects",
        help="Class to paste; repeat for more.",
    ),
]
SegmentationOption: TypeAlias = Annotated[
    SegmentationForm, typer.Option(help="Form of new annotations; both are lossless.")
]


@dataclass(frozen=True)
class Shared:
    """Options about where and how a command works; a command names those that it has."""

    data: Annotated[Path, typer.Option(metavar="DIR")] = DEFAULT_DATA
    """Data folder with the JSON files."""

    images: Annotated[Path | None, typer.Option(metavar="DIR", show_default="the data folder")] = (
        None
    )
    """Root that every file_name is relative to."""

    workers: Annotated[int | None, typer.Option(min=1, show_default="as many as cores")] = None
    """Processes."""

    executor: Literal["local", "dask"] = "local"
    """Work on this machine, or on a Dask cluster."""

    scheduler: Annotated[
        str | None, typer.Option(metavar="tcp://HOST:PORT", show_default=False)
    ] = None
    """The cluster's scheduler, for --executor dask."""

    dry_run: bool = False
    """Check and plan everything, write nothing."""

    overwrite: bool = False
    """Replace what an earlier run wrote, and only that."""

    config: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE.toml",
            show_default="trashdata.toml, if there is one",
            is_eager=True,
            callback=load_defaults,
        ),
    ] = None
    """Defaults: one table for each command."""

    json_summary: bool = False
    """Print one JSON object on stdout."""

    quiet: bool = False
    """Only warnings and errors."""

    verbose: bool = False
    """More output."""


READS = ("data", "images")
CLUSTER = ("workers", "executor", "scheduler")
WRITES = ("dry_run", "overwrite")
CONSOLE = ("config", "json_summary", "quiet", "verbose")
