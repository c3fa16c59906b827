"""The result of a command as plain data, for ``--json-summary``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from trashdata import __version__


@dataclass(frozen=True)
class Outcome:
    """The result of a command.

    ``inputs``: name and SHA-256 of each input file; ``outputs``: paths of what was written;
    ``counts``: numbers of things; ``figures``: what only this command reports; ``findings``: the
    number of findings, which make the exit code 1.
    """

    command: str
    inputs: Mapping[str, str]
    outputs: Sequence[str]
    counts: Mapping[str, int]
    warnings: Sequence[str] = ()
    figures: Mapping[str, Any] = field(default_factory=dict)
    findings: int = 0

    def as_json(self) -> str:
        """One JSON object."""
        import msgspec

        content = {
            "command": self.command,
            "version": __version__,
            "inputs": [{"name": name, "sha256": digest} for name, digest in self.inputs.items()],
            "outputs": list(self.outputs),
            "counts": dict(self.counts),
            "warnings": list(self.warnings),
            **self.figures,
        }
        return msgspec.json.encode(content).decode()
