"""Defaults from a TOML file: a table per command; flags win, unknown keys are errors."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import MISSING, fields
from pathlib import Path
from typing import Any, TypeVar, get_args, get_origin

import typer

from trashdata.errors import UserError, nearest, printable
from trashdata.options.limits import Hint, hints_of, toml_key
from trashdata.options.text import Text

DEFAULT_FILE = Path("trashdata.toml")
# Overwriting is never a default.
_NEVER = frozenset({"config", "help", "overwrite"})

Options = TypeVar("Options")


def load_defaults(context: typer.Context, path: Path | None) -> Path | None:
    """Typer callback of ``--config``: use the command's table as defaults of its options."""
    if context.resilient_parsing:
        return path
    file = file_in_force(path)
    if file is not None:
        context.default_map = defaults_in(file, context)
    return path


def file_in_force(path: Path | None) -> Path | None:
    """The file named by ``--config``, else the one in the working folder, else None."""
    return path or (DEFAULT_FILE if DEFAULT_FILE.is_file() else None)


def defaults_in(file: Path, context: typer.Context) -> dict[str, Any]:
    """The file's values for the command of this context, by parameter name.

    Raises
    ------
    UserError : no file, no TOML, an unknown table or key, or a value of another type.
    """
    name = command_name(context)
    hints: Mapping[str, Hint] = getattr(context.command.callback, "hints", {})
    known = {key: hint for key, hint in hints.items() if may_have_default(key)}
    return checked_table(_table_of(file, context), known, f"{file}: [{name}]")


def read_table(options: type[Options], table: Mapping[str, Any], where: str) -> Options:
    """Make the options of a table of a TOML file.

    Parameters
    ----------
    where : the file and the table, for messages.

    Raises
    ------
    UserError : an unknown key, or a value of another type or outside of its limits.
    """
    hints = hints_of(options)
    values = checked_table(table, hints, where)
    needed = [field.name for field in fields(options) if field.default is MISSING]  # type: ignore[arg-type]
    missing = [name for name in needed if name not in values]
    if missing:
        raise UserError(where, expected=f"a key {missing[0]}", found="none", advice="add it")
    return options(**{name: _as_field(value, hints[name]) for name, value in values.items()})


def _as_field(value: Any, hint: Hint) -> Any:
    text = hint.note(Text)
    if text is not None:
        return text.parse(value)
    return tuple(value) if isinstance(value, list) else value


def may_have_default(name: str) -> bool:
    """Whether a command's parameter can be set in the file."""
    return name not in _NEVER


def command_name(context: typer.Context) -> str:
    """The command as it is typed after ``trashdata``."""
    return context.command.name or ""


def _table_of(file: Path, context: typer.Context) -> dict[str, Any]:
    command = command_name(context)
    content = read_toml(file, command, "--config")
    _check_tables(file, content, context)
    return dict(content.get(command, {}))


def read_toml(file: Path, table: str, option: str) -> dict[str, Any]:
    """Read a TOML file; the table and the option are named in messages.

    Raises
    ------
    UserError : no file, or no TOML.
    """
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        found = "no file"
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        found = printable(str(error))
    raise UserError(
        f"{option} {printable(str(file))}",
        expected=f"a TOML file with a table [{table}]",
        found=found,
        advice=f"correct the file or pass another one with {option}",
    )


def _check_tables(file: Path, content: dict[str, Any], context: typer.Context) -> None:
    """Check that every top-level key is a command, and its value a table."""
    group = context.find_root().command
    known = set(getattr(group, "list_commands", lambda _: [])(context)) | {command_name(context)}
    for key, value in content.items():
        if key not in known or not isinstance(value, dict):
            raise UserError(
                f"{file}: {printable(key)}",
                expected="a table named after a command, such as [copy-paste]",
                found="a key outside of a table"
                if not isinstance(value, dict)
                else "no such command",
                advice=nearest(key, sorted(known)),
            )


def checked_table(
    table: Mapping[str, Any], known: Mapping[str, Hint], where: str
) -> dict[str, Any]:
    """Check the types of a table's values; returns them by option name."""
    names = {toml_key(name): name for name in known}
    values = {}
    for given, value in table.items():
        name = names.get(given.replace("_", "-"))
        if name is None:
            raise UserError(
                f"{where} {printable(given)}",
                expected="an option of the command that may have a default",
                found="none of that name",
                advice=nearest(given, sorted(names)),
            )
        _check_type(f"{where} {printable(given)}", value, known[name])
        values[name] = value
    return values


# What TOML may hold for a field of a type, and what to call it.
_TOML_TYPES: dict[Any, tuple[tuple[type, ...], str]] = {
    bool: ((bool,), "flag, true or false"),
    int: ((int,), "whole number"),
    float: ((int, float), "number"),
    str: ((str,), "text in quotes"),
}


def _check_type(where: str, value: object, hint: Hint) -> None:
    """Check a value's TOML type: boolean for flags, number for numbers, else string."""
    many = get_origin(hint.kind) is tuple and hint.note(Text) is None
    kind = get_args(hint.kind)[0] if many else hint.kind
    kind = kind if kind in _TOML_TYPES and hint.note(Text) is None else str
    expected, words = _TOML_TYPES[kind]
    values = value if many and isinstance(value, list) else [value]
    fits = isinstance(value, list) == many and all(
        isinstance(item, expected) and (expected == (bool,) or not isinstance(item, bool))
        for item in values
    )
    if not fits:
        raise UserError(
            where,
            expected=f"a list, each a {words}" if many else f"a {words}",
            found=printable(repr(value)),
            advice="write the value as the command's help shows it",
        )


def as_toml(options: Mapping[str, Any], table: str) -> str:
    """The options as a table of a file that ``--config`` takes.

    >>> options = {"train": ["a.json"], "lr": 0.001, "ema": False, "fold": None}
    >>> print(as_toml(options, "train"), end="")
    [train]
    train = ["a.json"]
    lr = 0.001
    ema = false
    """
    import msgspec

    # JSON strings, lists, numbers and booleans are valid TOML.
    lines = [
        f"{toml_key(name)} = {msgspec.json.encode(value).decode()}"
        for name, value in options.items()
        if value is not None
    ]
    return "\n".join([f"[{table}]", *lines]) + "\n"
