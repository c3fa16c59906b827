"""Reporters that tests look into."""

from __future__ import annotations

from collections.abc import Sequence

from trashdata.console import Reporter


class Notes(Reporter):
    """A reporter that keeps the notes as well, and the tables by their titles."""

    def __init__(self) -> None:
        super().__init__()
        self.notes: list[str] = []
        self.tables: dict[str, list[list[str]]] = {}

    def note(self, text: str) -> None:
        self.notes.append(text)

    def table(self, title: str, header: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
        self.tables[title] = [list(header), *([str(cell) for cell in row] for row in rows)]
