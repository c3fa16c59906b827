"""``trashdata config``: which defaults hold, and where they come from."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from trashdata.config import defaults_in, file_in_force, may_have_default
from trashdata.errors import UserError, nearest, printable
from trashdata.options import JsonSummaryOption, command_app, finish
from trashdata.outcome import Outcome

app = command_app()


@app.command("config")
def command(
    context: typer.Context,
    name: Annotated[
        str | None,
        typer.Argument(metavar="COMMAND", help="All options of this command."),
    ] = None,
    config: Annotated[
        Path | None,
        typer.Option(
            "--config",
            metavar="FILE.toml",
            help="Defaults, a table a command.",
            show_default="trashdata.toml, if there is one",
        ),
    ] = None,
    json_summary: JsonSummaryOption = False,
) -> None:
    """Print which defaults hold and where they come from, as TOML to begin a file with.

    Without COMMAND only what the file says is printed.

    Example: trashdata config copy-paste
    """
    file = file_in_force(config)
    commands = _commands(context)
    if name is not None and name not in commands:
        raise UserError(
            printable(name),
            expected="a command of trashdata",
            found="none of that name",
            advice=nearest(name, commands),
        )
    held = {
        own: _settings(own, commands[own], file, context)
        for own in ([name] if name is not None else commands)
    }
    if not json_summary:
        _show(held, file, whole=name is not None)
    named = {own: {k: v for k, (v, _) in rows.items()} for own, rows in held.items()}
    outcome = Outcome("config", {}, [], {"commands": len(held)}, figures={"defaults": named})
    finish(outcome, json_summary=json_summary)


Settings = dict[str, tuple[Any, bool]]
"""An option's value, by its name in the file, and whether the file says so."""


def _commands(context: typer.Context) -> dict[str, Any]:
    group: Any = context.find_root().command
    names = group.list_commands(context) if hasattr(group, "list_commands") else []
    return {own: group.get_command(context, own) for own in names if own != "config"}


def _settings(name: str, command: Any, file: Path | None, context: typer.Context) -> Settings:
    own = typer.Context(command, info_name=name, parent=context)
    said = {} if file is None else defaults_in(file, own)
    return {
        option.name.replace("_", "-"): (said.get(option.name, _default(option)), True)
        if option.name in said
        else (_default(option), False)
        for option in command.params
        if may_have_default(option) and option.param_type_name == "option"
    }


def _default(option: Any) -> Any:
    value = option.default
    plain = isinstance(value, bool | int | float | str | list | tuple) or value is None
    return value if plain else str(value)


def _show(held: dict[str, Settings], file: Path | None, *, whole: bool) -> None:
    """Lines of TOML; what has no value is a comment, since TOML has no null."""
    lines = []
    for name, settings in held.items():
        chosen = {k: v for k, v in settings.items() if whole or v[1]}
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
    typer.echo("\n".join(lines).rstrip())


def _toml(value: Any) -> str:
    import json

    if isinstance(value, list | tuple):
        return "[" + ", ".join(_toml(item) for item in value) + "]"
    # JSON writes numbers, truth values and strings as TOML does.
    return json.dumps(value, ensure_ascii=False)
