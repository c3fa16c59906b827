"""An environment for each peer, so that none decides what another one gets.

``albumentationsx`` is under the AGPL and has the module name of a package that training uses:
it exists in its own environment and nowhere else.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from benchmarks.inputs import ROOT

FOLDER = ROOT / ".venv-peers"
CONSTRAINTS = Path(__file__).parent / "constraints.txt"
_INSTALL_SECONDS = 1800


@dataclass(frozen=True)
class Installed:
    """A peer that can be measured; ``version``: of the package."""

    python: Path
    version: str


@dataclass(frozen=True)
class Missing:
    """A peer that can't; ``reason``: the last line of what pip or the import said."""

    reason: str


def environment_of(
    name: str, module: str, extra: tuple[str, ...], works: Path
) -> Installed | Missing:
    """Make the environment of a package if it isn't there, and try the import.

    ``extra``: packages that the work needs beside it; ``works``: the folder of the scripts, whose
    modules can be imported as well.
    """
    folder = FOLDER / name
    python = folder / "bin" / "python"
    stamp = folder / "installed.txt"
    wanted = " ".join((name, *extra)) + "\n" + CONSTRAINTS.read_text(encoding="utf-8")
    if not stamp.is_file() or stamp.read_text(encoding="utf-8") != wanted:
        failed = _install(folder, (name, *extra))
        if failed is not None:
            return Missing(f"can't be installed: {failed}")
        stamp.write_text(wanted, encoding="utf-8")
    code = f"import sys; sys.path.insert(0, {str(works)!r}); import {module}"
    code += f"; import importlib.metadata as m; print(m.version({name!r}))"
    done = _run([str(python), "-c", code])
    if done.returncode:
        return Missing(f"can't be imported: {_last_line(done.stderr)}")
    return Installed(python, done.stdout.splitlines()[-1])


def _install(folder: Path, packages: tuple[str, ...]) -> str | None:
    """The reason, if it fails."""
    # pip of this environment: one in each would take longer than most packages.
    pip = [sys.executable, "-m", "pip", "--python", str(folder / "bin" / "python"), "install"]
    steps = [
        [sys.executable, "-m", "venv", "--without-pip", "--clear", str(folder)],
        [*pip, "--quiet", "--disable-pip-version-check", "-c", str(CONSTRAINTS), *packages],
    ]
    for step in steps:
        try:
            done = _run(step)
        except subprocess.TimeoutExpired:
            return f"no end within {_INSTALL_SECONDS} seconds"
        if done.returncode:
            return _last_line(done.stderr)
    return None


def _run(words: list[str]) -> subprocess.CompletedProcess[str]:
    # Some packages write a log into the working folder as soon as they are imported.
    with tempfile.TemporaryDirectory(prefix="trashdata-peer-") as folder:
        return subprocess.run(
            words, capture_output=True, text=True, check=False, timeout=_INSTALL_SECONDS, cwd=folder
        )


def _last_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    errors = [line for line in lines if line.startswith(("ERROR", "error")) or "Error:" in line]
    return (errors or lines or ["no reason given"])[-1][:200]


def run_work(peer: Installed, script: Path, given: dict[str, str | int]) -> float:
    """Seconds that a peer's script took for its work, imports and a first run left out.

    Raises
    ------
    RuntimeError : the script failed; with the last line of what it said.
    """
    done = _run([str(peer.python), str(script), json.dumps(given)])
    if done.returncode:
        raise RuntimeError(_last_line(done.stderr))
    seconds: float = json.loads(done.stdout.splitlines()[-1])["seconds"]
    return seconds
