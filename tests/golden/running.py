"""Run a command on a copy of its data, and hash what it made."""

from __future__ import annotations

import hashlib
import json
import os
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from importlib import metadata
from pathlib import Path

from .commands import COMMANDS, Command

TESTS = Path(__file__).resolve().parent.parent
SHARED_DATA = TESTS.parent.parent / "shared" / "data"
HASHES = Path(__file__).with_name("hashes.json")
# They decide pixels, the bytes that hold them, or which photo falls into which fold.
LIBRARIES = (
    "numpy",
    "opencv-python-headless",
    "pillow",
    "pycocotools",
    "zlib-ng",
    "msgspec",
    "scipy",
    "scikit-learn",
    "iterative-stratification",
    "matplotlib",
)

Hashes = dict[str, str]


def versions() -> dict[str, str]:
    """The versions that hashes hold for; constraints.txt pins them."""
    return {name: metadata.version(name) for name in LIBRARIES}


def hashes_of(name: str) -> Hashes:
    """SHA-256 of each file that the command makes, by its path in the folder it runs in.

    Raises
    ------
    RuntimeError : a step failed, an input changed, or a run was over before it could be killed.
    """
    command = COMMANDS[name]
    with tempfile.TemporaryDirectory(prefix="golden-") as folder:
        root = Path(folder).resolve()
        for source in command.sets:
            _copy(SHARED_DATA / source, root / source)
        for line in command.after:
            _finish(_start("trashdata", line, root, command.sets))
        before = _hash_files(root)
        if command.kill_after:
            _kill(command, root)
        _finish(_start(command.module, command.arguments, root, command.sets))
        after = _hash_files(root)
    lost = [path for path, digest in before.items() if after.get(path) != digest]
    if lost:
        raise RuntimeError(f"{name} changed what it reads: {', '.join(lost)}")
    return {path: digest for path, digest in after.items() if path not in before}


def differences(expected: Hashes, found: Hashes) -> list[str]:
    """One line for each file that is missing, new or other."""
    lines = []
    for path in sorted(expected.keys() | found.keys()):
        if path not in found:
            lines.append(f"{path}: missing")
        elif path not in expected:
            lines.append(f"{path}: new")
        elif expected[path] != found[path]:
            lines.append(f"{path}: other content")
    return lines


def _copy(source: Path, target: Path) -> None:
    """Copy a folder; the copy can be written to, whatever the modes of the source."""
    for path in source.rglob("*"):
        copied = target / path.relative_to(source)
        if path.is_file():
            copied.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, copied)


def _start(module: str, arguments: str, root: Path, sets: tuple[str, ...]) -> subprocess.Popen[str]:
    data = root / sets[0] if sets else root
    words = [word.format(root=root, data=data) for word in shlex.split(arguments)]
    paths = [str(TESTS.parent), str(TESTS)]
    return subprocess.Popen(
        [sys.executable, "-m", module, *words],
        cwd=root,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def _finish(process: subprocess.Popen[str]) -> None:
    _, errors = process.communicate(timeout=300)
    if process.returncode:
        raise RuntimeError(f"{process.args}: exit code {process.returncode}: {errors}")


def _kill(command: Command, root: Path) -> None:
    """Start a command, and kill it and its workers when enough shards are done."""
    process = _start(command.module, command.arguments, root, command.sets)
    journal = root / command.sets[0] / command.journal
    while process.poll() is None and len(list(journal.glob("*.done"))) < command.kill_after:
        time.sleep(0.002)
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.communicate(timeout=60)
    if process.returncode != -signal.SIGKILL or not journal.is_dir():
        raise RuntimeError(f"{command.arguments}: over before it could be killed")


def _hash_files(root: Path) -> Hashes:
    paths = sorted(path for path in root.rglob("*") if path.is_file())
    return {path.relative_to(root).as_posix(): _digest(path) for path in paths}


def _digest(path: Path) -> str:
    """SHA-256 of a file; of a manifest's content without ``identity``.

    The identity holds all options of a command, and grows when one is added.
    """
    content = path.read_bytes()
    if path.name.endswith("manifest.json"):
        manifest = json.loads(content)
        del manifest["identity"]
        content = json.dumps(manifest, sort_keys=True, separators=(",", ":")).encode()
    return hashlib.sha256(content).hexdigest()
