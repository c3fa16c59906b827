"""Reporters that tests look into."""

from __future__ import annotations

from trashdata.console import Reporter


class Notes(Reporter):
    """A reporter that keeps the notes as well."""

    def __init__(self) -> None:
        super().__init__()
        self.notes: list[str] = []

    def note(self, text: str) -> None:
        self.notes.append(text)
