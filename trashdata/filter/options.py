"""The options of filter."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal, TypeAlias

import typer

from trashdata.completion import complete_class, complete_class_pair
from trashdata.errors import UserError, printable
from trashdata.options.limits import check, check_options
from trashdata.options.shared import JsonName
from trashdata.options.text import split_pairs

Rest: TypeAlias = Literal["error", "keep", "drop"]


@dataclass(frozen=True)
class FilterOptions:
    """Options of filter; class names are those in ``json``."""

    command: ClassVar[str] = "filter"

    out: Annotated[str, typer.Option(metavar="NAME")]
    """File in the data folder."""

    json: JsonName = "train_all.json"
    """COCO file."""

    keep: Annotated[
        tuple[str, ...],
        typer.Option(metavar="CLASS", autocompletion=complete_class, show_default="all classes"),
    ] = ()
    """Only this class; repeatable."""

    drop: Annotated[
        tuple[str, ...],
        typer.Option(metavar="CLASS", autocompletion=complete_class, show_default=False),
    ] = ()
    """All but this class; repeatable."""

    rename: Annotated[
        tuple[str, ...],
        typer.Option(metavar="OLD=NEW", autocompletion=complete_class_pair, show_default=False),
    ] = ()
    """New name; classes of one name are merged. Applied before the map; repeatable."""

    class_map: Annotated[
        str | None, typer.Option("--map", metavar="MAP.csv|taco-to-recycling", show_default=False)
    ] = None
    """CSV with the header from,to; an empty 'to' drops the class.

    The path of a file, or the name of a map that comes with the project.
    """

    rest: Rest = "error"
    """Classes that the map does not name."""

    min_area: Annotated[float, typer.Option(min=0)] = 0.0
    """Drop smaller objects, in pixels.

    By the ``area`` field, or the mask's area where that says nothing.
    """

    drop_empty: bool = False
    """Drop photos without objects too."""

    def __post_init__(self) -> None:
        check_options(self)
        check(self, "min_area", math.isfinite(self.min_area), "a finite number")
        given = (self.keep, self.drop, self.rename, self.class_map, self.min_area, self.drop_empty)
        if not any(given):
            raise UserError(
                "trashdata filter",
                expected="something to do",
                found="none of --keep, --drop, --rename, --map, --min-area and --drop-empty",
                advice="see 'trashdata filter --help'",
            )
        for old, new in self.new_names.items():
            if not new:
                raise UserError(
                    f"--rename {printable(old)}=",
                    expected="a new name",
                    found="nothing",
                    advice="give one, or drop the class with --drop",
                )

    @property
    def new_names(self) -> dict[str, str]:
        """New names by old ones, from ``rename``."""
        return split_pairs("--rename", self.rename, at_last=True)
