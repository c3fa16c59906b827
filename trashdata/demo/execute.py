"""Running steps one after the other, each in its own process."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from trashdata.console import Reporter
from trashdata.demo.steps import Step
from trashdata.errors import UserError
from trashdata.interrupts import set_interrupt_message


def execute_steps(
    steps: Sequence[Step], folder: Path, reporter: Reporter, *, quiet: bool
) -> dict[str, Any]:
    """Run the steps in the folder.

    Returns
    -------
    The kept JSON summaries, by name.

    Raises
    ------
    UserError : a step failed; its output says why.
    """
    set_interrupt_message("'trashdata demo' starts from the beginning.")
    kept: dict[str, Any] = {}
    for number, step in enumerate(steps, 1):
        runs = {
            name: Path(summary["run"]).name for name, summary in kept.items() if "run" in summary
        }
        line = step.line.format(**runs)
        reporter.note("")
        reporter.note(f"[{number}/{len(steps)}] trashdata {line}")
        printed = _run(line, folder, quiet=quiet, summary=bool(step.keep))
        if step.keep:
            kept[step.keep] = json.loads(printed)
    return kept


def _run(line: str, folder: Path, *, quiet: bool, summary: bool) -> str:
    arguments = [*line.split(), *["--quiet"] * quiet, *["--json-summary"] * summary]
    done = subprocess.run(
        [sys.executable, "-m", "trashdata", *arguments],
        cwd=folder,
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    if done.returncode == 130:
        raise KeyboardInterrupt
    if done.returncode:
        raise UserError(
            f"trashdata {line}",
            expected="this step to succeed",
            found=f"exit code {done.returncode}, for the reason above",
            advice=f"correct that, and start 'trashdata demo' again; all of it is in {folder}",
        )
    return done.stdout
