"""Defaults from a TOML file: a table a command, flags win, unknown keys are errors."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import typer

from trashdata.errors import UserError, nearest, printable

DEFAULT_FILE = Path("trashdata.toml")
# To replace files is decided anew each time.
_NEVER = frozenset({"config", "help", "overwrite"})


def load_defaults(context: typer.Context, path: Path | None) -> Path | None:
    """Typer callback of ``--config``: take the command's table as defaults of its options."""
    if context.resilient_parsing:
        return path
    file = file_in_force(path)
    if file is not None:
        context.default_map = defaults_in(file, context)
    return path


def file_in_force(path: Path | None) -> Path | None:
    """The file that was named, else the one in the working folder, if there is one."""
    return path or (DEFAULT_FILE if DEFAULT_FILE.is_file() else None)


def defaults_in(file: Path, context: typer.Context) -> dict[str, Any]:
    """What the file says for the command of this context, by the parameter's name.

    Raises
    ------
    UserError : no file, no TOML, an unknown table or key, or a value of another type.
    """
    return _checked(file, _table_of(file, context), context)


def may_have_default(option: Any) -> bool:
    """Whether a command's parameter may stand in the file."""
    return option.name not in _NEVER


def command_name(context: typer.Context) -> str:
    """The command as it is typed after ``trashdata``."""
    return context.command.name or ""


def _table_of(file: Path, context: typer.Context) -> dict[str, Any]:
    command = command_name(context)
    advice = "correct the file or pass another one with --config"
    expected = f"a TOML file with a table [{command}]"
    try:
        content = tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        found = "no file"
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        found = printable(str(error))
    else:
        _check_tables(file, content, context)
        return dict(content.get(command, {}))
    raise UserError(f"--config {file}", expected=expected, found=found, advice=advice)


def _check_tables(file: Path, content: dict[str, Any], context: typer.Context) -> None:
    """Every key at the top is a command, and its value a table."""
    group = context.find_root().command
    known = set(getattr(group, "list_commands", lambda _: [])(context)) | {command_name(context)}
    for key, value in content.items():
        if key not in known or not isinstance(value, dict):
            raise UserError(
                f"{file}: {printable(key)}",
                expected="a table named after a command, such as [copy-paste]",
                found="a key at the top" if not isinstance(value, dict) else "no such command",
                advice=nearest(key, sorted(known)),
            )


def _checked(file: Path, table: dict[str, Any], context: typer.Context) -> dict[str, Any]:
    known = {o.name or "": o for o in context.command.params if may_have_default(o)}
    defaults = {}
    for key, value in table.items():
        name = key.replace("-", "_")
        where = f"{file}: [{command_name(context)}] {printable(key)}"
        if name not in known:
            options = sorted(option.replace("_", "-") for option in known)
            raise UserError(
                where,
                expected="an option of the command that may have a default",
                found="none of that name",
                advice=nearest(key, options),
            )
        _check_type(where, value, known[name])
        defaults[name] = value
    return defaults


def _check_type(where: str, value: object, option: Any) -> None:
    """TOML has types: a flag is true or false, a number a number, the rest is text."""
    kinds: dict[str, tuple[type, ...]] = {"int": (int,), "float": (int, float)}
    expected: tuple[type, ...] = kinds.get(option.type.name.removesuffix(" range"), (str,))
    if getattr(option, "is_flag", False):
        expected = (bool,)
    many = bool(getattr(option, "multiple", False))
    values = value if many and isinstance(value, list) else [value]
    fits = isinstance(value, list) == many and all(
        isinstance(item, expected) and (expected == (bool,) or not isinstance(item, bool))
        for item in values
    )
    if not fits:
        names = " or ".join(kind.__name__ for kind in expected)
        raise UserError(
            where,
            expected=f"a list of {names}" if many else names,
            found=printable(repr(value)),
            advice="write the value as the command's help shows it",
        )
