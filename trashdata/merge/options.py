"""The options of merge."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal, TypeAlias

import typer

from trashdata.options.limits import check, check_options
from trashdata.options.text import split_pairs

DuplicateRule: TypeAlias = Literal["error", "first", "union"]


@dataclass(frozen=True)
class MergeOptions:
    """Options of merge: the files, their image roots, and the rule for photos that differ."""

    command: ClassVar[str] = "merge"

    files: Annotated[tuple[str, ...], typer.Argument(metavar="A.json B.json ...")]
    """COCO files.

    Names in the data folder, or paths. Their order decides who keeps an id that several have, and
    whose info and category fields stay; with ``on_duplicate``, whose images too.
    """

    out: Annotated[str, typer.Option(metavar="C.json")]
    """File in the data folder."""

    images_of: Annotated[
        tuple[str, ...], typer.Option(metavar="A.json=DIR", show_default=False)
    ] = ()
    """Root of the file_name of one of the files; repeatable."""

    on_duplicate: DuplicateRule = "error"
    """A photo on which two files differ: refuse it, take the first file's
    annotations, or those of all."""

    def __post_init__(self) -> None:
        check_options(self)
        check(self, "files", bool(self.files), "at least one file", "none")
        split_pairs("--images-of", self.images_of)

    @property
    def image_roots(self) -> dict[str, str]:
        """Image roots from ``images_of``, by the file as written in ``files``."""
        return split_pairs("--images-of", self.images_of)
