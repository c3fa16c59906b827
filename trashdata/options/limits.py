"""Limits of options: declared on their fields, checked when the dataclass is made.

A field is ``Annotated[float, typer.Option(min=0, max=1)]`` or, for exclusive limits,
``Annotated[float, Above(0), Below(1)]``; choices are a ``Literal``, or ``Annotated[str,
Choices(tuple(TABLE))]`` if they are the names in a table.
"""

from __future__ import annotations

import math
import types
from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from typer.models import ParameterInfo

from trashdata.errors import UserError, printable


@dataclass(frozen=True)
class Above:
    """The value is larger than this."""

    limit: float


@dataclass(frozen=True)
class Below:
    """The value is smaller than this."""

    limit: float


@dataclass(frozen=True)
class Choices:
    """The value is one of these names, like a ``Literal``."""

    names: tuple[str, ...]


@dataclass(frozen=True)
class Hint:
    """A field's type without None, the metadata of `Annotated`, and whether None is allowed."""

    kind: Any
    notes: tuple[Any, ...]
    optional: bool

    def note(self, kind: type[Any]) -> Any:
        """The first note of a kind, or None."""
        return next((note for note in self.notes if isinstance(note, kind)), None)


def hints_of(cls: type[Any]) -> dict[str, Hint]:
    """The hint of each field, by name."""
    if cls not in _hints:
        _hints[cls] = _read_hints(cls)
    return _hints[cls]


_hints: dict[type[Any], dict[str, Hint]] = {}


def _read_hints(cls: type[Any]) -> dict[str, Hint]:
    hints = get_type_hints(cls, include_extras=True)
    return {field.name: _hint(hints[field.name]) for field in fields(cls)}


def _hint(kind: Any) -> Hint:
    notes: tuple[Any, ...] = ()
    if get_origin(kind) is Annotated:
        kind, *annotations = get_args(kind)
        notes = tuple(annotations)
    optional = False
    if get_origin(kind) in (Union, types.UnionType):
        (inner,) = (part for part in get_args(kind) if part is not type(None))
        inner = _hint(inner)
        kind, optional, notes = inner.kind, True, notes + inner.notes
    listed = (note for note in notes if isinstance(note, Choices))
    kind = next((_literal(choices.names) for choices in listed), kind)
    return Hint(kind, notes, optional)


def _literal(names: tuple[str, ...]) -> Any:
    """The type ``Literal[...]`` of names that are known only at run time."""
    literal: Any = Literal
    return literal[names]


def toml_key(name: str) -> str:
    """A field's name in TOML; a field named after a word of Python ends in an underscore.

    >>> toml_key("lsj_min"), toml_key("from_")
    ('lsj-min', 'from')
    """
    return name.removesuffix("_").replace("_", "-")


def flag(name: str) -> str:
    """The option of a field, such as ``--lsj-min``."""
    return f"--{toml_key(name)}"


def check_options(options: Any) -> None:
    """Check every field against the choices and limits of its type.

    ``options`` : a dataclass; its ``command`` is the name used in advice.

    Raises
    ------
    UserError : the first value that is outside.
    """
    for name, hint in hints_of(type(options)).items():
        value = getattr(options, name)
        if value is None and hint.optional:
            continue
        for expected in _faults(value, hint):
            refuse(options, name, expected, value)


def _faults(value: Any, hint: Hint) -> Iterator[str]:
    """What is expected, for a value outside of the field's choices or limits."""
    kind = get_origin(hint.kind) or hint.kind
    if kind is Literal:
        if value not in get_args(hint.kind):
            yield f"one of {', '.join(map(str, get_args(hint.kind)))}"
    elif kind is tuple:
        if isinstance(value, str):
            yield "a tuple of texts"
    elif kind in (int, float):
        yield from _outside(value, hint)


def _outside(value: Any, hint: Hint) -> Iterator[str]:
    low, high = limits_of(hint)
    above, below = hint.note(Above), hint.note(Below)
    sound = not math.isnan(value)
    sound = sound and (low is None or value >= low) and (high is None or value <= high)
    sound = sound and (above is None or value > above.limit)
    sound = sound and (below is None or value < below.limit)
    if not sound:
        yield _in_words(low, high, above, below)


def limits_of(hint: Hint) -> tuple[float | None, float | None]:
    """Smallest and largest allowed value."""
    info = hint.note(ParameterInfo)
    return (None, None) if info is None else (info.min, info.max)


def _in_words(
    low: float | None, high: float | None, above: Above | None, below: Below | None
) -> str:
    """The limits in words.

    >>> _in_words(0, 1, None, None), _in_words(None, 1, Above(0), None)
    ('0 to 1', 'a number above 0, at most 1')
    >>> _in_words(None, None, None, None)  # of what is not a number
    'a number'
    """
    if low is not None and high is not None:
        return f"{low:,} to {high:,}"
    parts = [f"at least {low:,}"] if low is not None else []
    parts += [f"a number above {above.limit:,}"] if above is not None else []
    parts += [f"at most {high:,}"] if high is not None else []
    parts += [f"less than {below.limit:,}"] if below is not None else []
    return ", ".join(parts) or "a number"


def refuse(options: Any, name: str, expected: str, found: object) -> None:
    """Refuse the value of one field."""
    raise UserError(
        flag(name),
        expected=expected,
        found=printable(str(found)),
        advice=f"see 'trashdata {options.command} --help'",
    )


def check(options: Any, name: str, sound: bool, expected: str, found: object = None) -> None:
    """Refuse a field's value unless ``sound``; ``found`` defaults to the value."""
    if not sound:
        refuse(options, name, expected, getattr(options, name) if found is None else found)


def refuse_together(options: Any, one: str, other: str) -> None:
    """Refuse two options that exclude each other."""
    if _given(getattr(options, one)) and _given(getattr(options, other)):
        raise UserError(
            f"{flag(one)} and {flag(other)}",
            expected="one of the two",
            found="both",
            advice=f"see 'trashdata {options.command} --help'",
        )


def _given(value: object) -> bool:
    return value is not None and value is not False and value != ()
