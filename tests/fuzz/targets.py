"""The targets by name: what each is tried on first, and what has to hold on any bytes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from . import codec, photo_files, reader, tables

# Inputs that once broke a promise, a folder for each target.
FOUND = Path(__file__).parent / "found"


@dataclass(frozen=True)
class Target:
    """``mutate``: a change that keeps the input's form, or None where it has none."""

    name: str
    check: Callable[[bytes], None]
    seeds: Callable[[], Iterator[bytes]]
    dictionary: tuple[str, ...]
    max_bytes: int
    mutate: Callable[[bytes, int], bytes | None] = lambda _data, _seed: None

    def found(self) -> list[Path]:
        """Inputs that once broke a promise."""
        folder = FOUND / self.name
        return sorted(folder.iterdir()) if folder.is_dir() else []


TARGETS = {
    target.name: target
    for target in (
        Target("reader", reader.check, reader.seeds, reader.DICTIONARY, 6000, reader.mutate),
        Target("codec", codec.check, codec.seeds, codec.DICTIONARY, 2000),
        Target("tables", tables.check, tables.seeds, tables.DICTIONARY, 2000),
        Target("photos", photo_files.check, photo_files.seeds, photo_files.DICTIONARY, 3000),
    )
}
