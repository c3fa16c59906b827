"""The origin of labels, as written in files and outcomes."""

from __future__ import annotations

import msgspec


class Origin(msgspec.Struct, frozen=True):
    """A model, or a file or folder of labels; ``weight``: of a model."""

    name: str
    sha256: str
    weight: float | None = None

    @property
    def short(self) -> str:
        """For the provenance of a single annotation."""
        return f"{self.name}@{self.sha256[:12]}"
