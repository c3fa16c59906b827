"""Defaults from a TOML file: a table a command, flags win, unknown keys are errors."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import typer

from trashdata.errors import UserError, nearest, printable

DEFAULT_FILE = Path("trashdata.toml")


def load_defaults(context: typer.Context, path: Path | None) -> Path | None:
    """Typer callback of ``--config``: take the command's table as defaults of its options."""
    if context.resilient_parsing:
        return path
    file = path or (DEFAULT_FILE if DEFAULT_FILE.is_file() else None)
    if file is not None:
        table = _table_of(file, command_name(context))
        context.default_map = _checked(file, table, context)
    return path


def command_name(context: typer.Context) -> str:
    """The command as it is typed after ``trashdata``."""
    return context.command.name or ""


def _table_of(file: Path, command: str) -> dict[str, Any]:
    advice = "correct the file or pass another one with --config"
    expected = f"a TOML file with a table [{command}]"
    try:
        content = tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise UserError(
            f"--config {file}", expected=expected, found="no file", advice=advice
        ) from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UserError(
            f"--config {file}", expected=expected, found=printable(str(error)), advice=advice
        ) from None
    table = content.get(command, {})
    if not isinstance(table, dict):
        found = f"{command} = {table!r}"
        raise UserError(f"--config {file}", expected=expected, found=found, advice=advice)
    return table


def _checked(file: Path, table: dict[str, Any], context: typer.Context) -> dict[str, Any]:
    known = {parameter.name or "" for parameter in context.command.params} - {"config", "help"}
    defaults = {}
    for key, value in table.items():
        name = key.replace("-", "_")
        if name not in known:
            options = sorted(option.replace("_", "-") for option in known)
            raise UserError(
                f"{file}: [{command_name(context)}] {printable(key)}",
                expected="an option of the command",
                found="none of that name",
                advice=nearest(key, options),
            )
        defaults[name] = value
    return defaults
