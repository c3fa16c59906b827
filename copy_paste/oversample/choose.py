"""From the command line to the options of one of the two methods."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from trashdata.errors import UserError, printable

from .options import OversampleOptions, RepeatOptions


def chosen_options(context: Any) -> OversampleOptions | RepeatOptions:
    """The options of the method that the command line asks for; ``context`` is Typer's.

    Raises
    ------
    UserError : an option of the one method was given to the other.
    """
    params = context.params
    if params["repeat_factor"] is None:
        chosen = {field.name: params[field.name] for field in fields(OversampleOptions)}
        for name in ("patch", "remove_patch", "background", "target"):
            chosen[name] = tuple(chosen[name])
        return OversampleOptions(**chosen | {"out": params["out"] or OversampleOptions.out})
    ours = {field.name for field in fields(RepeatOptions)}
    for field in fields(OversampleOptions):
        # A default from the configuration file may stand there for the other method.
        given = context.get_parameter_source(field.name).name == "COMMANDLINE"
        if given and field.name not in ours:
            raise UserError(
                f"--{field.name.replace('_', '-')}",
                expected="no option of new photos beside --repeat-factor, which makes none",
                found="both",
                advice="leave out one of the two",
            )
    return RepeatOptions(
        json=params["json"],
        out=params["out"] or RepeatOptions.out,
        threshold=parse_threshold(params["repeat_factor"]),
        fold=params["fold"],
        seed=params["seed"],
    )


def parse_threshold(text: str) -> float | None:
    """``auto`` as None, anything else as a number.

    >>> parse_threshold("auto"), parse_threshold("0.25")
    (None, 0.25)
    """
    if text == "auto":
        return None
    try:
        return float(text)
    except ValueError:
        raise UserError(
            f"--repeat-factor {printable(text)!r}",
            expected="auto, or a share of the photos above 0, up to 1",
            found="neither",
            advice="see 'trashdata oversample --help'",
        ) from None
