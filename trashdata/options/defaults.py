"""The defaults of a command, and where they come from."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeAlias

import typer

from trashdata.errors import printable
from trashdata.options.config import defaults_in, may_have_default
from trashdata.options.limits import toml_key

Settings: TypeAlias = dict[str, tuple[Any, bool]]
"""An option's value, by its name in the file, and whether the file says so."""


def settings_of(name: str, command: Any, file: Path | None, context: typer.Context) -> Settings:
    """The options of a command, with the values they have without a command line.

    Parameters
    ----------
    name : of the command.
    command : the Click command.
    file : the TOML file, or None.
    context : of the current call.
    """
    command_context = typer.Context(command, info_name=name, parent=context)
    stated = {} if file is None else defaults_in(file, command_context)
    return {
        toml_key(option.name): (
            stated.get(option.name, _built_in(option)),
            option.name in stated,
        )
        for option in command.params
        if may_have_default(option.name) and option.param_type_name == "option"
    }


def _built_in(option: Any) -> Any:
    value = option.default
    plain = isinstance(value, bool | int | float | str | list | tuple) or value is None
    return value if plain else str(value)


def as_toml(held: Mapping[str, Settings], file: Path | None, *, whole: bool) -> str:
    """The settings as TOML, a table per command; options without a value are comments.

    Parameters
    ----------
    held : the settings by command.
    whole : include built-in defaults.
    """
    lines = []
    for name, settings in held.items():
        chosen = {key: row for key, row in settings.items() if whole or row[1]}
        if not chosen:
            continue
        lines.append(f"[{name}]")
        for key, (value, from_file) in chosen.items():
            text = f"# {key} =" if value is None else f"{key} = {_toml(value)}"
            lines.append(text + (f"  # {printable(str(file))}" if from_file else ""))
        lines.append("")
    if not lines:
        source = "No file" if file is None else printable(str(file))
        lines = [f"# {source}: the built-in defaults hold."]
    return "\n".join(lines).rstrip()


def _toml(value: Any) -> str:
    """A value in TOML.

    >>> _toml(["Paper pack", True, 0.5])
    '["Paper pack", true, 0.5]'
    """
    import json

    if isinstance(value, list | tuple):
        return "[" + ", ".join(_toml(item) for item in value) + "]"
    # JSON writes numbers, truth values and strings as TOML does.
    return json.dumps(value, ensure_ascii=False)
