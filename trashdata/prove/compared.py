"""What is compared, however its results come about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from trashdata.classes import rare_classes
from trashdata.console import Reporter
from trashdata.errors import printable
from trashdata.paths import DataFolders
from trashdata.prove.arms import Arm, read_arms
from trashdata.prove.folds import Parts, check_parts, read_parts, refuse_unknown
from trashdata.prove.options import ProveOptions


class Compared(Protocol):
    """Arms on the folds of a set, and what decides the results."""

    @property
    def options(self) -> ProveOptions: ...
    @property
    def parts(self) -> Parts: ...
    @property
    def arms(self) -> Sequence[Arm]: ...
    @property
    def inputs(self) -> Mapping[str, str]:
        """The SHA-256 of files, by name."""

    @property
    def described(self) -> Mapping[str, Any]:
        """The options that count, for prove.json."""

    def seen(self, arms: Sequence[str]) -> str:
        """Which results of these arms are seen, where their seeds don't say it; else empty."""

    def content_of(self, arm: Arm, steps: int) -> Mapping[str, Any]:
        """What decides the first result of an arm, see `trashdata.comparison.store`."""


def read_compared(
    folders: DataFolders, options: ProveOptions, out: Path, workers: int, reporter: Reporter
) -> tuple[Parts, list[Arm], list[str]]:
    """Read and check the parts and the arms; the third are the classes that it is about.

    Raises
    ------
    UserError : anything that the user can fix.
    """
    # Their faults are told before folds are written and photos are read.
    read_arms(options.arm, options.arms, options.against, options.patch)
    parts = read_parts(folders, options, out, workers, reporter)
    check_parts(parts, options.patch)
    rare = [category.name for category in rare_classes(parts.documents[0])]
    patch = list(options.patch) or rare
    arms = read_arms(options.arm, options.arms, options.against, patch)
    for arm in arms:
        refuse_unknown(arm.patch, parts, f"arm {printable(arm.name)}: patch")
    return parts, arms, patch
