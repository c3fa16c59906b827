"""The commands that faults are injected into."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Command:
    """A command line, but for ``--data`` and ``--workers``.

    ``out``: its folder in the data folder; ``module``: what is started; ``again``: what is added
    when it is started a second time; ``reads_photos``: it opens photos; ``at_the_end``: it is
    interrupted only when all its shards are done, and what they made is gathered.
    """

    name: str
    arguments: tuple[str, ...]
    out: str
    module: str = "trashdata"
    again: tuple[str, ...] = ()
    has_workers: bool = True
    reads_photos: bool = True
    at_the_end: bool = False

    def journal(self, data: Path) -> Path:
        return data / self.out / ".journal"


_COPY_PASTE = ("copy-paste", "--patch", "Paper", "--num", "150")
# One shard holds 50 photos, so these are several.
COMMANDS = (
    Command("masks", ("masks", "--json", "train_all.json"), "masks", reads_photos=False),
    Command("copy-paste", _COPY_PASTE, "copy_paste"),
    Command("oversample", ("oversample", "--patch", "Paper", "--num", "150"), "oversample"),
    # Stand-ins for models, so that a run takes seconds.
    Command(
        "pseudo",
        (
            *("pseudo", "--model", "exp", "--json", "train.json", "--merge-with", "test.json"),
            *("--threshold", "0.5", "--min-area", "20", "--masks", "--agree"),
        ),
        "pseudo",
        module="faults.stub_models",
    ),
    Command("gathering of copy-paste", _COPY_PASTE, "copy_paste", at_the_end=True),
    Command(
        "merge",
        ("merge", "train.json", "val.json", "--out", "merged"),
        "merged",
        again=("--overwrite",),
        has_workers=False,
        reads_photos=False,
    ),
)
SAMPLE = Command("sample", ("sample", "--images", "60", "--size", "96"), "", has_workers=False)
