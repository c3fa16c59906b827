"""Fuzz the targets with atheris: ``python -m fuzz --seconds 600``, one after the other.

What the fuzzer has learnt is kept in ``--corpus``, and it goes on from there. An input that breaks
a promise is written to ``tests/fuzz/found/TARGET/``; the tests try it from then on. Exits with 1
if there is one.
"""

from __future__ import annotations

import argparse
import os
import re
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

TESTS = Path(__file__).resolve().parent.parent
# In seconds and in MB: what a hang and a blow-up are. The libraries alone take 150 MB.
HANG, MEMORY = 20, 1000


def fuzz(name: str, corpus: Path, seconds: int) -> None:
    """Fuzz one target in this process, which ends with it."""
    import atheris

    with atheris.instrument_imports(include=["trashdata"]):
        from fuzz.targets import FOUND, TARGETS
    target = TARGETS[name]
    own = corpus / name
    own.mkdir(parents=True, exist_ok=True)
    (FOUND / name).mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(target.seeds()):
        (own / f"seed-{number:03}").write_bytes(seed)
    for path in target.found():
        (own / path.name).write_bytes(path.read_bytes())
    words = corpus / f"{name}.dict"
    words.write_text("".join(f'"{_escaped(word)}"\n' for word in target.dictionary))

    def mutated(data: bytes, most: int, seed: int) -> Any:
        changed = target.mutate(data, seed) if seed % 2 else None
        return changed if changed and len(changed) <= most else atheris.Mutate(data, most)

    arguments = [
        *("fuzz", str(own), f"-dict={words}", f"-max_len={target.max_bytes}"),
        *(f"-max_total_time={seconds}", f"-timeout={HANG}", f"-rss_limit_mb={MEMORY}"),
        *(f"-artifact_prefix={FOUND / name}/", "-print_final_stats=1", "-verbosity=1"),
    ]
    atheris.Setup(arguments, target.check, custom_mutator=mutated)
    atheris.Fuzz()


def _escaped(word: str) -> str:
    codes = word.encode("latin-1" if max(map(ord, word)) < 256 else "utf-8")
    return "".join(f"\\x{code:02x}" for code in codes)


def run(name: str, corpus: Path, seconds: int) -> bool:
    """Fuzz a target in a process of its own; whether all promises held."""
    log = corpus / f"{name}.log"
    begun, used = time.monotonic(), _processor_seconds()
    command = [sys.executable, "-m", "fuzz", name, "--child", "--corpus", str(corpus)]
    with log.open("w") as stream:
        done = subprocess.run(
            [*command, "--seconds", str(seconds)],
            stdout=stream,
            stderr=subprocess.STDOUT,
            env={
                **os.environ,
                "PYTHONPATH": os.pathsep.join(
                    [str(TESTS), str(TESTS.parent), *filter(None, [os.environ.get("PYTHONPATH")])]
                ),
            }
            | {"OMP_NUM_THREADS": "1"},
            # Reading what is kept comes on top, and on a busy machine takes its time.
            timeout=2 * seconds + 1200,
            check=False,
        )
    said = log.read_text(errors="replace")
    runs = re.findall(r"number_of_executed_units:\s*(\d+)", said) or re.findall(
        r"^#(\d+)", said, re.M
    )
    kept = len(list((corpus / name).iterdir()))
    minutes = (time.monotonic() - begun) / 60
    busy = (_processor_seconds() - used) / 60
    inputs = int(runs[-1]) if runs else 0
    figures = f"{inputs:,} inputs in {minutes:.1f} min ({busy:.1f} of processor), {kept:,} kept"
    print(f"{name}: {figures}, {'no fault' if done.returncode == 0 else 'A FAULT'}", flush=True)
    if done.returncode != 0:
        print(said[-3000:])
    return done.returncode == 0


def _processor_seconds() -> float:
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    return spent.ru_utime + spent.ru_stime


def main() -> int:
    from fuzz.targets import TARGETS

    parser = argparse.ArgumentParser(description="Fuzz readers with atheris.")
    parser.add_argument("targets", nargs="*", choices=[[], *TARGETS], help="by default all")
    parser.add_argument("--seconds", type=int, default=60, help="for each target")
    parser.add_argument("--corpus", type=Path, help="folder in which inputs are kept")
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="fuzz-") as scratch:
        corpus = options.corpus or Path(scratch)
        corpus.mkdir(parents=True, exist_ok=True)
        results = [run(name, corpus, options.seconds) for name in options.targets or TARGETS]
    return 0 if all(results) else 1


if __name__ == "__main__":
    if "--child" in sys.argv:
        # Before anything of ours is imported: atheris instruments on import.
        child = argparse.ArgumentParser()
        child.add_argument("target")
        child.add_argument("--child", action="store_true")
        child.add_argument("--corpus", type=Path)
        child.add_argument("--seconds", type=int)
        given = child.parse_args()
        fuzz(given.target, given.corpus, given.seconds)
    else:
        sys.exit(main())
