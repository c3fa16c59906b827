"""Options that mean the same in every command, declared once and shared by name."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal, TypeAlias

import typer

from trashdata.completion import complete_json
from trashdata.console import ConsoleReporter
from trashdata.errors import UserError, printable
from trashdata.options.config import load_defaults
from trashdata.outcome import Outcome

Exif: TypeAlias = Literal["auto", "apply", "ignore"]
Executor: TypeAlias = Literal["local", "dask"]
SegmentationForm: TypeAlias = Literal["polygon", "rle"]

DataOption = Annotated[
    Path, typer.Option("--data", metavar="DIR", help="Data folder with the JSON files.")
]
ImagesOption = Annotated[
    Path | None,
    typer.Option(
        "--images",
        metavar="DIR",
        help="Root that every file_name is relative to.",
        show_default="the data folder",
    ),
]
JsonOption = Annotated[str, typer.Option("--json", help="COCO file.", autocompletion=complete_json)]
SeedOption = Annotated[int, typer.Option("--seed", min=0, help="Seed of all random draws.")]
WorkersOption = Annotated[
    int | None,
    typer.Option("--workers", min=1, help="Processes.", show_default="as many as cores"),
]
ExecutorOption = Annotated[
    Executor, typer.Option("--executor", help="Work here, or on a Dask cluster.")
]
SchedulerOption = Annotated[
    str | None,
    typer.Option(
        "--scheduler",
        metavar="tcp://HOST:PORT",
        help="The cluster's scheduler, for --executor dask.",
        show_default=False,
    ),
]
DryRunOption = Annotated[bool, typer.Option("--dry-run", help="Plan, print, write nothing.")]
OverwriteOption = Annotated[
    bool, typer.Option("--overwrite", help="Replace what an earlier run wrote, and only that.")
]
ConfigOption = Annotated[
    Path | None,
    typer.Option(
        "--config",
        metavar="FILE.toml",
        help="Defaults, a table a command.",
        show_default="trashdata.toml, if there is one",
        is_eager=True,
        callback=load_defaults,
    ),
]
JsonSummaryOption = Annotated[
    bool, typer.Option("--json-summary", help="Print one JSON object on stdout.")
]
QuietOption = Annotated[bool, typer.Option("--quiet", help="Only warnings and errors.")]
VerboseOption = Annotated[bool, typer.Option("--verbose", help="Say more.")]
ExifOption = Annotated[
    Exif, typer.Option("--exif", help="Turn photos by EXIF: if sizes say so, always, never.")
]
SegmentationOption = Annotated[
    SegmentationForm,
    typer.Option("--segmentation", help="Form of new annotations; both are lossless."),
]


def command_app() -> typer.Typer:
    """A Typer app for the commands of one file.

    Plain help: loading rich's Markdown for it takes as long as all the rest of ``--help``.
    """
    return typer.Typer(
        pretty_exceptions_enable=False,
        add_completion=False,
        rich_markup_mode=None,
        context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    )


def cores() -> int:
    """Cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def scheduler_for(executor: Executor, scheduler: str | None) -> str | None:
    """The scheduler's address, or None to work on this machine."""
    if (executor == "dask") == (scheduler is not None):
        return scheduler
    raise UserError(
        f"--executor {executor}",
        expected="--scheduler with it" if scheduler is None else "no --scheduler with it",
        found="none" if scheduler is None else printable(scheduler),
        advice="give both --executor dask and --scheduler tcp://HOST:PORT, or neither",
    )


def split_pairs(option: str, texts: Sequence[str], *, at_last: bool = False) -> dict[str, str]:
    """The values of an option such as ``OLD=NEW``, by their left side, which stands there once.

    ``at_last``: the left side ends at the last equals sign, so that it may hold others.
    """
    pairs: dict[str, str] = {}
    for text in texts:
        left, sign, right = text.rpartition("=") if at_last else text.partition("=")
        if not sign or not left:
            raise UserError(
                f"{option} {printable(text)!r}",
                expected="two names with = between them",
                found="nothing before the =" if sign else "one",
                advice="put names with spaces in quotes",
            )
        if pairs.setdefault(left, right) != right:
            raise UserError(
                f"{option} {printable(text)!r}",
                expected=f"one value for {printable(left)}",
                found=f"{printable(pairs[left])} as well",
                advice="drop one of the two",
            )
    return pairs


def reporter_for(*, quiet: bool, verbose: bool, json_summary: bool) -> ConsoleReporter:
    """The reporter that the flags ask for."""
    return ConsoleReporter(quiet=quiet, verbose=verbose, tables=not json_summary)


def finish(outcome: Outcome, *, json_summary: bool) -> None:
    """Last act of every command: the JSON object, if it was asked for."""
    if json_summary:
        typer.echo(outcome.as_json())
