"""``python -m benchmarks.evidence --data STREET [--seeds 5] [--table]``: train what is missing.

Each run is written to draws.json as it ends, so that a stopped comparison goes on where it was.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
RESULTS = HERE / "draws.json"

Run = dict[str, Any]


def main() -> None:
    """Train the missing runs, then print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.evidence")
    parser.add_argument("--data", type=Path, help="folder with train.json and val.json")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--table", action="store_true", help="train nothing")
    arguments = parser.parse_args()
    setup = tomllib.loads((HERE / "draws.toml").read_text(encoding="utf-8"))
    runs: list[Run] = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else []
    if not arguments.table:
        for arm, seed in missing(setup, runs, arguments.seeds):
            runs.append(train(setup, arm, seed, arguments.data.resolve()))
            runs.sort(key=lambda run: (list(setup["arm"]).index(run["arm"]), run["seed"]))
            RESULTS.write_text(json.dumps(runs, indent=1) + "\n", encoding="utf-8")
    print(table(setup, runs))


def missing(setup: dict[str, Any], runs: list[Run], seeds: int) -> list[tuple[str, int]]:
    """The arm and seed of each run that is not there, seed by seed."""
    done = {(run["arm"], run["seed"]) for run in runs}
    wanted = [(arm, seed) for seed in range(1, seeds + 1) for arm in setup["arm"]]
    return [one for one in wanted if one not in done]


def train(setup: dict[str, Any], arm: str, seed: int, data: Path) -> Run:
    """Train one run on one thread."""
    flags = [*setup["flags"], *setup["arm"][arm]["flags"], "--seed", str(seed)]
    command = [sys.executable, "-m", "trashdata", "train", "--data", str(data), *flags]
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "pastes.toml"
        config.write_text(copy_paste_table(setup), encoding="utf-8")
        done = subprocess.run(
            [*command, "--config", str(config), "--json-summary"],
            cwd=folder,
            env={**os.environ, "OMP_NUM_THREADS": "1"},
            stdout=subprocess.PIPE,
            check=True,
            text=True,
        )
    found = json.loads(done.stdout)
    return {"arm": arm, "seed": seed, "miou": found["miou"], "iou": found["iou"]}


def copy_paste_table(setup: dict[str, Any]) -> str:
    """The table [copy-paste] as TOML."""
    lines = [f"{key} = {json.dumps(value)}" for key, value in setup["copy-paste"].items()]
    return "\n".join(["[copy-paste]", *lines]) + "\n"


def table(setup: dict[str, Any], runs: list[Run]) -> str:
    """Means over seeds in percent, each seed in brackets, as Markdown."""
    rows = ["| arm | mIoU, mean (each) | rare classes, mean (each) |", "|---|---|---|"]
    for arm in setup["arm"]:
        of_arm = [run for run in runs if run["arm"] == arm]
        if of_arm:
            whole = [run["miou"] for run in of_arm]
            rare = [statistics.fmean(run["iou"][name] for name in setup["rare"]) for run in of_arm]
            rows.append(f"| {arm} | {_cell(whole)} | {_cell(rare)} |")
    return "\n".join(rows)


def _cell(values: list[float]) -> str:
    each = ", ".join(f"{100 * value:.1f}" for value in values)
    return f"{100 * statistics.fmean(values):.1f} ({each})"


if __name__ == "__main__":
    main()
