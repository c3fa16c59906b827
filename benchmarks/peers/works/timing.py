"""Runs in a peer's environment: the clock around its work."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any


def run(work: Callable[[dict[str, Any], Path], None]) -> None:
    """Do the work twice, into two new folders, and print what the second time took.

    What was given stands on the command line as JSON; ``out`` of it is a folder.
    """
    given = json.loads(sys.argv[1])
    taken = 0.0
    for turn in ("first", "second"):
        out = Path(given["out"]) / turn
        out.mkdir(parents=True)
        start = time.perf_counter()
        work(given, out)
        taken = time.perf_counter() - start
    print(json.dumps({"seconds": taken}))
