"""A page for each command, from the Typer app: what `--help` says, as Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import typer

from trashdata.cli import COMMANDS, SECTIONS, app

NOTES = Path(__file__).resolve().parent / "notes"

# Mean the same everywhere, and are told once, on the page of all commands.
SHARED = ("config", "json_summary", "quiet", "verbose", "help")
_ENDLESS = {"INT": "whole number", "FLOAT": "number", "STRING": "text"}


def command_pages() -> dict[str, str]:
    """Markdown by file name: a page a command, and the index."""
    group: Any = typer.main.get_command(app)
    root = typer.Context(group, info_name="trashdata")
    commands = {name: group.get_command(root, name) for name in COMMANDS}
    pages = {f"{name}.md": command_page(name, command) for name, command in commands.items()}
    return {"index.md": _index(commands), **pages}


def command_nav() -> str:
    """The part of the site's navigation that lists the commands, in YAML."""
    lines = ["  - Commands:", "      - commands/index.md"]
    for title, names in SECTIONS.items():
        lines.append(f"      - {title}:")
        lines += [f"          - {name}: commands/{name}.md" for name in names]
    return "\n".join(lines) + "\n"


def command_page(name: str, command: Any) -> str:
    """The page of one command: summary, example, what was written by hand, options."""
    paragraphs = command.help.split("\n\n")
    told = [_one_line(text) for text in paragraphs if not text.startswith("Example:")]
    arguments = [p for p in command.params if p.param_type_name == "argument"]
    options = [p for p in command.params if p not in arguments and p.name not in SHARED]
    note = NOTES / f"{name}.md"
    parts = [
        f"# {name}",
        *told,
        f"```sh\n{example_of(command)}\n```",
        note.read_text(encoding="utf-8").strip() if note.is_file() else "",
        _table("Arguments", arguments),
        _table("Options", options),
        "`--config`, `--json-summary`, `--quiet`, `--verbose` and `--help` mean"
        " [the same everywhere](index.md#in-every-command).",
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def example_of(command: Any) -> str:
    """The command line of the help's example."""
    found = re.search(r"Example: (trashdata .*)", _one_line(command.help))
    if found is None:
        raise ValueError(f"no example in the help of {command.name}")
    return found.group(1)


def _index(commands: dict[str, Any]) -> str:
    parts = ["# Commands", "In the order of work, as `trashdata --help` lists them."]
    for title, names in SECTIONS.items():
        rows = [
            f"| [{name}]({name}.md) | {cell(commands[name].help.split(chr(10) * 2)[0])} |"
            for name in names
        ]
        parts += [f"## {title}", "\n".join(["| Command | |", "|---|---|", *rows])]
    shared = [p for p in commands["masks"].params if p.name in SHARED]
    note = (NOTES / "index.md").read_text(encoding="utf-8").strip()
    parts += ["## In every command", note, _rows(shared)]
    return "\n\n".join(parts) + "\n"


def _table(title: str, params: list[Any]) -> str:
    return f"## {title}\n\n{_rows(params)}" if params else ""


def _rows(params: list[Any]) -> str:
    rows = [
        f"| {_names(p)} | {cell(_values(p))} | {cell(_default(p))} | {cell(p.help or '')} |"
        for p in params
    ]
    return "\n".join(["| | Value | Default | |", "|---|---|---|---|", *rows])


def _names(param: Any) -> str:
    if param.param_type_name == "argument":
        return f"`{cell(param.metavar or param.name)}`"
    return ", ".join(f"`{name}`" for name in [*param.opts, *param.secondary_opts])


def _values(param: Any) -> str:
    """What may stand behind the option, in words."""
    if getattr(param, "is_flag", False):
        return ""
    kind = param.type
    if hasattr(kind, "choices"):
        text = _either(kind.choices)
    elif hasattr(kind, "min"):
        text = f"{_ENDLESS['INT' if 'int' in kind.name else 'FLOAT']}{_range(kind)}"
    elif param.metavar and param.param_type_name == "option":
        text = _either(param.metavar.split("|"))
    else:
        text = _ENDLESS.get(str(kind), "path" if "Path" in type(kind).__name__ else "text")
    return f"{text}, repeatable" if getattr(param, "multiple", False) else text


def _either(values: Iterable[str]) -> str:
    return ", ".join(f"`{value}`" for value in values)


def _range(kind: Any) -> str:
    if kind.min is not None and kind.max is not None:
        return f", {kind.min} to {kind.max}"
    if kind.min is not None:
        return f", {kind.min} or more"
    return f", at most {kind.max}" if kind.max is not None else ""


def _default(param: Any) -> str:
    if param.required:
        return "required"
    shown = getattr(param, "show_default", None)
    if isinstance(shown, str):
        return shown
    if not shown or param.default in (None, (), []):
        return ""
    if getattr(param, "is_flag", False):
        return f"`{(param.opts if param.default else param.secondary_opts or [''])[0]}`".strip("`")
    return f"`{param.default}`"


def _one_line(text: str) -> str:
    return " ".join(text.split())


def cell(text: str) -> str:
    """Text for a cell of a table: on one line, without the bar that would end it."""
    return _one_line(text).replace("|", "&#124;")
