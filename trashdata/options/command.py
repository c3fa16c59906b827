"""A Typer command made from a dataclass of options and the shared options that it names.

A ``command.py`` says which options there are, and calls a function of the library::

    @command(app, "masks", MasksOptions, ("data", *CLUSTER, *WRITES))
    def masks_command(options: MasksOptions, call: Call) -> Outcome:
        '''Write a palette label PNG for every image of a COCO file.'''
"""

from __future__ import annotations

import inspect
import os
from collections.abc import Callable, Mapping, Sequence
from copy import copy
from dataclasses import MISSING, Field, dataclass, fields, replace
from pathlib import Path
from typing import Annotated, Any, TypeVar, get_args, get_origin

import typer
from typer.models import ArgumentInfo, OptionInfo, ParameterInfo

from trashdata.console import ConsoleReporter, is_first_process
from trashdata.errors import UserError, printable
from trashdata.options.config import file_in_force
from trashdata.options.docstrings import field_docs, first_paragraph
from trashdata.options.limits import Hint, flag, hints_of
from trashdata.options.presets import preset_values
from trashdata.options.shared import CONSOLE, READS, Shared
from trashdata.options.text import Text
from trashdata.outcome import Outcome
from trashdata.paths import DEFAULT_DATA

Options = TypeVar("Options")


@dataclass(frozen=True)
class Call:
    """Where and how a command works, from the options in `Shared`.

    ``workers``: by default the number of cores; ``scheduler``: None without a cluster; ``stated``:
    names of the command's options that are on the command line; ``given``: those, and the ones
    that have a value in the TOML file; ``config``: that file, None if there is none.
    """

    reporter: ConsoleReporter
    data: Path = DEFAULT_DATA
    images: Path | None = None
    workers: int = 1
    scheduler: str | None = None
    dry_run: bool = False
    overwrite: bool = False
    stated: frozenset[str] = frozenset()
    given: frozenset[str] = frozenset()
    config: Path | None = None


def command_app() -> typer.Typer:
    """Make a Typer app for the commands of a file.

    Its help is plain text: loading rich's Markdown takes as long as the rest of ``--help``.
    """
    return typer.Typer(
        pretty_exceptions_enable=False,
        add_completion=False,
        rich_markup_mode=None,
        context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    )


def command(
    app: typer.Typer, name: str, options: type[Options], shared: Sequence[str]
) -> Callable[[Callable[[Options, Call], Outcome]], Callable[[Options, Call], Outcome]]:
    """Register a function as a command.

    Parameters
    ----------
    name : of the command.
    options : frozen dataclass; each field is an option of its name, with the docstring under it as
        help. Fields without a default come first.
    shared : names of the fields of `Shared` that the command has, besides those of `CONSOLE`.
    """

    def register(body: Callable[[Options, Call], Outcome]) -> Callable[[Options, Call], Outcome]:
        app.command(name)(_callback(body, options, [*shared, *CONSOLE]))
        return body

    return register


def _callback(
    body: Callable[[Options, Call], Outcome], options: type[Any], shared: Sequence[str]
) -> Callable[..., None]:
    hints = _hints_in_order(options, shared)
    names = {field.name for field in fields(options)}

    def callback(context: typer.Context, **values: Any) -> None:
        values |= _preset(options, values, context)
        chosen = {name: _as_field(values[name], hints[name]) for name in names}
        common = {name: values[name] for name in shared}
        stated = _from(context, "COMMANDLINE") & names
        given = stated | _from(context, "DEFAULT_MAP") & names
        call = replace(_call(common), stated=stated, given=given)
        outcome = body(options(**chosen), call)
        if values["json_summary"] and is_first_process():
            typer.echo(outcome.as_json())
        if outcome.findings:
            raise typer.Exit(1)

    parameters = _parameters(options, hints)
    context = inspect.Parameter(
        "context", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=typer.Context
    )
    described: Any = callback
    described.__signature__ = inspect.Signature([context, *parameters])
    described.__annotations__ = {one.name: one.annotation for one in (context, *parameters)}
    described.__doc__ = body.__doc__
    # For the reader of TOML files.
    described.hints = hints
    described.options = options
    return callback


def _hints_in_order(options: type[Any], shared: Sequence[str]) -> dict[str, Hint]:
    """Required options first, then those of the data, of the command, and of its execution."""
    hints, common = hints_of(options), hints_of(Shared)
    required = [
        field.name for field in fields(options) if _default(field) is inspect.Parameter.empty
    ]
    order = [
        *required,
        *(name for name in READS if name in shared and name not in hints),
        *(name for name in hints if name not in required),
        *(name for name in shared if name not in READS and name not in hints),
    ]
    return {name: hints[name] if name in hints else common[name] for name in order}


def _parameters(options: type[Any], hints: Mapping[str, Hint]) -> list[inspect.Parameter]:
    docs = {**field_docs(Shared), **field_docs(options)}
    defaults = {field.name: _default(field) for field in (*fields(Shared), *fields(options))}
    return [
        _parameter(name, hint, defaults[name], first_paragraph(docs.get(name, "")))
        for name, hint in hints.items()
    ]


def _default(field: Field[Any]) -> Any:
    return inspect.Parameter.empty if field.default is MISSING else field.default


def _parameter(name: str, hint: Hint, default: Any, text: str) -> inspect.Parameter:
    info = _info(name, hint, default)
    if text:
        info.help = text
    return inspect.Parameter(
        name,
        inspect.Parameter.KEYWORD_ONLY,
        default=_as_typed(default, hint),
        annotation=Annotated[_typed(hint), info],
    )


def _info(name: str, hint: Hint, default: Any) -> ParameterInfo:
    """The option for Typer; a flag that is off by default has no negative form."""
    given = hint.note(ParameterInfo)
    if isinstance(given, ArgumentInfo):
        return copy(given)
    info = copy(given) if given is not None else typer.Option()
    assert isinstance(info, OptionInfo)
    if not info.param_decls and info.default is ...:
        off = hint.kind is bool and default is False
        info.param_decls = (flag(name),) if off or hint.kind is not bool else None
    return info


def _typed(hint: Hint) -> Any:
    """The type for Typer: lists for tuples of any length, ``str`` for values that we parse."""
    kind = hint.kind
    if hint.note(Text) is not None:
        kind = str
    elif _repeatable(hint):
        kind = list[get_args(kind)[0]]  # type: ignore[misc]
    return kind | None if hint.optional else kind


def _repeatable(hint: Hint) -> bool:
    return get_origin(hint.kind) is tuple and get_args(hint.kind)[-1] is ...


def _as_typed(default: Any, hint: Hint) -> Any:
    text = hint.note(Text)
    if text is not None and default not in (None, inspect.Parameter.empty):
        return text.show(default)
    return list(default) if isinstance(default, tuple) else default


def _as_field(value: Any, hint: Hint) -> Any:
    text = hint.note(Text)
    if text is not None:
        return None if value is None else text.parse(value)
    return tuple(value or ()) if _repeatable(hint) else value


def _preset(
    options: type[Any], values: Mapping[str, Any], context: typer.Context
) -> dict[str, Any]:
    """Values of the preset for options that are neither on the command line nor in the TOML file.

    A dataclass with a field ``preset`` has a class variable ``presets``: name to field to value.
    """
    name = values.get("preset")
    if name is None:
        return {}
    preset = preset_values(options, name)
    sources = {field: context.get_parameter_source(field) for field in preset}
    unstated = {field for field, source in sources.items() if source and source.name == "DEFAULT"}
    return {field: value for field, value in preset.items() if field in unstated}


def _from(context: typer.Context, kind: str) -> frozenset[str]:
    """Names of the parameters whose value comes from the command line or the TOML file."""
    sources = {name: context.get_parameter_source(name) for name in context.params}
    return frozenset(name for name, source in sources.items() if source and source.name == kind)


def _call(values: Mapping[str, Any]) -> Call:
    reporter = ConsoleReporter(
        quiet=values["quiet"] or not is_first_process(),
        verbose=values["verbose"],
        tables=not values["json_summary"],
    )
    return Call(
        reporter,
        data=values.get("data", DEFAULT_DATA),
        images=values.get("images"),
        workers=values.get("workers") or cores(),
        scheduler=_scheduler(values.get("executor", "local"), values.get("scheduler")),
        dry_run=values.get("dry_run", False),
        overwrite=values.get("overwrite", False),
        config=file_in_force(values["config"]),
    )


def cores() -> int:
    """Number of cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _scheduler(executor: str, scheduler: str | None) -> str | None:
    """The scheduler's address, or None to work on this machine."""
    if (executor == "dask") == (scheduler is not None):
        return scheduler
    raise UserError(
        f"--executor {executor}",
        expected="--scheduler with it" if scheduler is None else "no --scheduler with it",
        found="none" if scheduler is None else printable(scheduler),
        advice="give both --executor dask and --scheduler tcp://HOST:PORT, or neither",
    )
