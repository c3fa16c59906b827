"""How long ``trashdata --help`` takes, and what it loads."""

from __future__ import annotations

import json
import subprocess
import sys

from benchmarks.harness import Bench, Figure, ratio, seconds, take_pairs
from benchmarks.processes import environment

HEAVY = ("torch", "cv2", "numpy")
LOADED = f"""
import contextlib, io, json, sys
from trashdata.cli import main
sys.argv = ["trashdata", "--help"]
with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(SystemExit):
    main()
print(json.dumps([name for name in {HEAVY!r} if name in sys.modules]))
"""


def measure(bench: Bench) -> list[Figure]:
    """Start the command and an empty Python in turns."""

    def start(*arguments: str) -> str:
        return subprocess.run(
            [sys.executable, *arguments],
            check=True,
            stdout=subprocess.PIPE,
            text=True,
            env=environment(),
            cwd=bench.scratch,
        ).stdout

    def time(*arguments: str) -> float:
        return 1000 * seconds(lambda: start(*arguments))

    time("-m", "trashdata", "--help")
    pairs = take_pairs(
        lambda: time("-c", "pass"), lambda: time("-m", "trashdata", "--help"), bench.repeats(15)
    )
    loaded = json.loads(start("-c", LOADED))
    says = ", ".join(f"{name} {'yes' if name in loaded else 'no'}" for name in HEAVY)
    heavy = [name for name in loaded if name != "numpy"]
    return [
        ratio("trashdata --help", "python -c pass", pairs, wanted="ours at most 250 ms"),
        Figure("--help: torch or cv2 loaded", "", 0, len(heavy), "modules", "0", note=says),
    ]
