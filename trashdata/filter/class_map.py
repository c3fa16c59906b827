"""Class maps from options and from a CSV file."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path

from trashdata.classes import find_classes
from trashdata.coco.document import Document
from trashdata.errors import UserError, nearest, printable
from trashdata.filter.options import Rest

HEADER = ["from", "to"]


@dataclass(frozen=True)
class ClassRules:
    """Rules for classes; all names are those of the input.

    ``keep``: only these, if any are named; ``drop``: all but these; ``rename``: new names, which
    override the map's; ``mapping``: the map, where None drops a class; ``map_name``: its name in
    messages; ``rest``: what happens to classes that the map does not name.
    """

    keep: Sequence[str] = ()
    drop: Sequence[str] = ()
    rename: Mapping[str, str] = field(default_factory=dict)
    mapping: Mapping[str, str | None] | None = None
    map_name: str = ""
    rest: Rest = "error"

    def __bool__(self) -> bool:
        return bool(self.keep or self.drop or self.rename) or self.mapping is not None


def class_targets(document: Document, rules: ClassRules) -> dict[int, str | None]:
    """The new name of each class by its id, None if it is dropped.

    Raises
    ------
    UserError : an unknown class, contradicting rules for a class, a class that the map does not
        name, or no class is left.
    """
    for option, names in (
        ("--keep", rules.keep),
        ("--drop", rules.drop),
        ("--rename", rules.rename),
    ):
        find_classes(document, names, option)
    find_classes(document, rules.mapping or (), f"--map {printable(rules.map_name)}:")
    _check_fates(rules)
    _check_rest(document, rules)
    targets = {category.id: _target(category.name, rules) for category in document.class_categories}
    if targets and all(name is None for name in targets.values()):
        raise UserError(
            document.name,
            expected="a class that is left",
            found="all of them dropped",
            advice="drop fewer classes",
        )
    _check_ignore_name(document, targets)
    return targets


def _target(name: str, rules: ClassRules) -> str | None:
    if name in rules.drop or (rules.keep and name not in rules.keep):
        return None
    if name in rules.rename:
        return rules.rename[name]
    if rules.mapping is not None and name in rules.mapping:
        return rules.mapping[name]
    return None if rules.mapping is not None and rules.rest == "drop" else name


def _check_fates(rules: ClassRules) -> None:
    for one, other, names in (
        ("--keep", "--drop", set(rules.keep) & set(rules.drop)),
        ("--rename", "--drop", set(rules.rename) & set(rules.drop)),
    ):
        if names:
            raise UserError(
                f"{one} {printable(min(names))!r}",
                expected="one rule for a class",
                found=f"it under {other} as well",
                advice="drop one of the two",
            )


def _check_rest(document: Document, rules: ClassRules) -> None:
    if rules.mapping is None or rules.rest != "error":
        return
    settled = {*rules.mapping, *rules.rename, *rules.drop}
    names = [category.name for category in document.class_categories]
    left = [n for n in names if n not in settled and (not rules.keep or n in rules.keep)]
    if left:
        raise UserError(
            f"--map {printable(rules.map_name)}",
            expected=f"every class of {document.name}",
            found=f"no row for {', '.join(map(printable, left))}",
            advice="add them, or pass --rest keep or --rest drop",
        )


def _check_ignore_name(document: Document, targets: Mapping[int, str | None]) -> None:
    ignored = {c.name for c in document.categories if c.id in document.ignore_ids}
    for name in ignored.intersection(name for name in targets.values() if name is not None):
        raise UserError(
            document.name,
            expected="new names that differ from that of the ignore category",
            found=printable(name),
            advice="choose another name",
        )


# --- reading --------------------------------------------------------------------------------


def shipped_maps() -> dict[str, str]:
    """The maps shipped with the project, by the names that ``--map`` takes."""
    return {
        entry.name.removesuffix(".csv").replace("_", "-"): entry.read_text(encoding="utf-8")
        for entry in sorted(files("trashdata").joinpath("maps").iterdir(), key=lambda e: e.name)
        if entry.name.endswith(".csv")
    }


def read_class_map(source: str) -> dict[str, str | None]:
    """Read a class map: old name to new, None if the class is dropped.

    Parameters
    ----------
    source : the path of a CSV file with the columns ``from`` and ``to``, or the name of a map
        that comes with the project, such as ``taco-to-recycling``.

    Raises
    ------
    UserError : no such file, or a line that is empty or contradicts another one.
    """
    shipped = shipped_maps()
    return parse_class_map(shipped[source] if source in shipped else _text(source), source)


def _text(source: str) -> str:
    try:
        return Path(source).read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        found, advice = "no such file", nearest(source, shipped_maps())
    except UnicodeDecodeError:
        found, advice = "another encoding", "save it as UTF-8"
    except OSError as error:
        found, advice = error.strerror or str(error), "check the path and its permissions"
    raise UserError(
        f"--map {printable(source)}",
        expected="a CSV file or the name of an included map",
        found=found,
        advice=advice,
    )


def parse_class_map(text: str, name: str) -> dict[str, str | None]:
    """Parse the text of a CSV file; ``name``: its name in messages.

    Examples
    --------
    >>> parse_class_map("from,to\\nDrink can,Metal\\nCigarette,\\n", "map.csv")
    {'Drink can': 'Metal', 'Cigarette': None}
    """
    rows = _rows(text, name)
    _, header = next(rows, (1, []))
    if header != HEADER:
        raise _bad_line(name, 1, "the header from,to", ",".join(header) or "nothing")
    mapping: dict[str, str | None] = {}
    for line, row in rows:
        if not any(row):
            continue
        if len(row) != 2 or not row[0]:
            raise _bad_line(name, line, "an old name and a new one", ",".join(row))
        if row[0] in mapping:
            raise _bad_line(name, line, "each old name once", f"{row[0]} again")
        mapping[row[0]] = row[1] or None
    return mapping


def _rows(text: str, name: str) -> Iterator[tuple[int, list[str]]]:
    """The number of each row's last line, and its stripped cells."""
    reader = csv.reader(io.StringIO(text))
    try:
        for cells in reader:
            yield reader.line_num, [cell.strip() for cell in cells]
    except csv.Error as error:
        # An unclosed quote makes one cell of the rest of the file.
        expected = "cells of a sensible length, quotes in pairs"
        raise _bad_line(name, reader.line_num, expected, str(error)) from None


def _bad_line(name: str, line: int, expected: str, found: str) -> UserError:
    return UserError(
        f"--map {printable(name)}: line {line}",
        expected=expected,
        found=printable(found)[:200],
        advice="see 'trashdata filter --help'",
    )
