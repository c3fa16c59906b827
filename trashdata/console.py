"""Terminal output of a command: progress, notes and warnings on stderr, tables at the end.

Library functions take a `Reporter`; the default one is silent and only collects warnings.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Protocol

from trashdata.errors import printable


class Tick(Protocol):
    """Callback: so many more items are done."""

    def __call__(self, items: int = 1) -> None: ...


class Reporter:
    """A silent reporter that keeps the warnings.

    ``verbose``: whether tables should be shown in full.
    """

    verbose = False

    def __init__(self) -> None:
        self.warnings: list[str] = []

    def note(self, text: str) -> None:
        """Report information."""

    def warn(self, text: str) -> None:
        """Report a warning that may need action."""
        self.warnings.append(text)

    @contextmanager
    def progress(self, label: str, total: int) -> Iterator[Tick]:  # noqa: ARG002
        """Show progress over ``total`` items."""

        def tick(items: int = 1) -> None:
            pass

        yield tick

    def table(self, title: str, header: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
        """Show a table; numbers are right-aligned."""


class ConsoleReporter(Reporter):
    """The reporter of the command line."""

    def __init__(self, *, quiet: bool = False, verbose: bool = False, tables: bool = True) -> None:
        super().__init__()
        self.quiet = quiet
        self.verbose = verbose
        self.tables_on_stdout = tables

    def note(self, text: str) -> None:
        if not self.quiet:
            print(printable(text), file=sys.stderr)

    def warn(self, text: str) -> None:
        super().warn(text)
        print(f"Warning: {printable(text)}", file=sys.stderr)

    @contextmanager
    def progress(self, label: str, total: int) -> Iterator[Tick]:
        if self.quiet:
            with super().progress(label, total) as silent:
                yield silent
        elif sys.stderr.isatty():
            with _bar(label, total) as tick:
                yield tick
        else:
            yield _PlainProgress(label, total)

    def table(self, title: str, header: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
        if self.quiet:
            return
        from rich.console import Console
        from rich.table import Table
        from rich.text import Text

        # As text, since rich interprets brackets in a string as markup.
        table = Table(title=Text(printable(title)), title_justify="left", title_style="bold")
        for column, name in enumerate(header):
            numeric = any(isinstance(row[column], int | float) for row in rows)
            table.add_column(Text(printable(name)), justify="right" if numeric else "left")
        for row in rows:
            table.add_row(*(Text(_cell(value)) for value in row))
        Console(stderr=not self.tables_on_stdout).print(table)


def is_first_process() -> bool:
    """Whether this process should print, if several train together."""
    ranks = (
        os.environ.get(name, "0") for name in ("RANK", "LOCAL_RANK", "NODE_RANK", "SLURM_PROCID")
    )
    return all(rank in ("", "0") for rank in ranks)


def _cell(value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return printable(str(value))
    return f"{value:,}" if isinstance(value, int) else f"{value:,.3g}"


@contextmanager
def _bar(label: str, total: int) -> Iterator[Tick]:
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
    )
    start = time.monotonic()
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task(label, total=total, rate="")
        done = 0

        def tick(items: int = 1) -> None:
            nonlocal done
            done += items
            rate = done / max(time.monotonic() - start, 1e-9)
            progress.update(task, advance=items, rate=f"{rate:,.0f}/s")

        yield tick


class _PlainProgress:
    """Progress as one line every few seconds, for logs and pipes."""

    interval_s = 5.0

    def __init__(self, label: str, total: int) -> None:
        self.label = label
        self.total = total
        self.done = 0
        self.start = self.last = time.monotonic()

    def __call__(self, items: int = 1) -> None:
        self.done += items
        now = time.monotonic()
        if now - self.last < self.interval_s and self.done < self.total:
            return
        self.last = now
        elapsed = max(now - self.start, 1e-9)
        rate = self.done / elapsed
        left = (self.total - self.done) / max(rate, 1e-9)
        line = f"{self.label}: {self.done:,} of {self.total:,}, {rate:,.0f}/s, {left:,.0f} s left"
        print(line, file=sys.stderr)
