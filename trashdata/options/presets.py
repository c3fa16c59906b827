"""Presets: named sets of option values.

A dataclass of options with a field ``preset`` has a class variable ``presets``: name to field to
value. On a command line, flags and the TOML file win over the preset.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from trashdata.errors import UserError, nearest, printable

Options = TypeVar("Options")


def preset_values(options: type[Any], name: str) -> Mapping[str, Any]:
    """The values of a preset, by field.

    Raises
    ------
    UserError : no preset has this name.
    """
    if name not in options.presets:
        raise UserError(
            f"--preset {printable(name)!r}",
            expected="the name of a preset",
            found="none of that name",
            advice=nearest(name, options.presets),
        )
    values: Mapping[str, Any] = options.presets[name]
    return values


def with_preset(options: type[Options], name: str, **values: Any) -> Options:
    """Make options of a preset; ``values`` win over it."""
    return options(**{"preset": name, **preset_values(options, name), **values})
