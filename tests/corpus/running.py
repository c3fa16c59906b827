"""Commands on a case, in this process."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from helpers.command_line import call

from .base import JSON, OTHER_JSON

# How each command reads the set in ./data.
CALLS: dict[str, tuple[str, ...]] = {
    "masks": ("--json", JSON, "--workers", "1"),
    "preview": ("--json", JSON, "--out", "sheet.png"),
    "copy-paste": ("--json", JSON, "--patch", "Battery", "--num", "30", "--workers", "1"),
    "kfold": ("--json", JSON, "--folds", "2", "--workers", "1", "--dry-run"),
    "stats": ("--json", JSON),
    "oversample": (
        *("--json", JSON, "--patch", "Battery", "--num", "6", "--workers", "1"),
        *("--max-cover", "1", "--min-visible", "0"),
    ),
    "merge": (JSON, "--out", "merged"),
    "filter": ("--json", JSON, "--out", "filtered", "--drop-empty"),
    "export": ("--json", JSON, "--to", "yolo", "--out", "exported", "--workers", "1"),
}

# The same for those that need a model, which lies in ./run, or a second sound set.
_MODEL = ("--model", "run", "--device", "cpu", "--dry-run")
MODEL_CALLS: dict[str, tuple[str, ...]] = {
    "predict": ("--json", JSON, *_MODEL),
    "pseudo": ("--json", JSON, "--workers", "1", *_MODEL),
    "evaluate": ("--json", JSON, "--predictions", f"data/{JSON}"),
    "train": (
        *("--train", JSON, "--val", OTHER_JSON, "--encoder-weights", "none"),
        *("--size", "64", "--dry-run"),
    ),
    "report": ("--json", JSON, "--out", "report.html"),
}


@dataclass(frozen=True)
class Result:
    """What a command printed, and how it ended."""

    code: int
    stdout: str
    stderr: str

    @property
    def sentence(self) -> str:
        """The last line on stderr."""
        return self.stderr.rstrip("\n").rsplit("\n", 1)[-1]


def trashdata(folder: Path, *arguments: object) -> Result:
    """Run a command with ``folder`` as its working folder."""
    done = call(*arguments, cwd=folder, columns=200)
    return Result(done.returncode, done.stdout, done.stderr)


def state(folder: Path) -> dict[str, object]:
    """Everything that is in a folder: the bytes of files, where links lead."""
    found: dict[str, object] = {}
    for path in sorted(folder.rglob("*")):
        name = str(path.relative_to(folder))
        if path.is_symlink():
            found[name] = str(path.readlink())
        elif path.is_file():
            found[name] = path.read_bytes()
        else:
            found[name] = "folder or pipe"
    return found
