"""Ctrl-C at moments that can be chosen: during imports, in a callback, twice."""

from __future__ import annotations

import subprocess
import sys

import pytest
from helpers.processes import environment

STRIKE = "import os, signal, time; strike = lambda: signal.raise_signal(signal.SIGINT)\n"
BEFORE_A_COMMAND = """
from trashdata.interrupts import exit_at_once, set_handler
set_handler(exit_at_once)
"""
DURING_A_COMMAND = """
from trashdata import cli
def command(**_):
    {body}
cli.app = command
cli.main()
"""


def run(script: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", STRIKE + script],
        env=environment(),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def ends_with_a_sentence(done: subprocess.CompletedProcess[str]) -> None:
    assert done.returncode == 130, done.stderr
    expected = "Interrupted. Nothing is lost: start the same command again."
    assert done.stderr.splitlines() == [expected]


def test_before_a_command_it_ends_at_once() -> None:
    ends_with_a_sentence(run(BEFORE_A_COMMAND + "strike()\ntime.sleep(60)"))


@pytest.mark.parametrize(
    "body",
    [
        "strike()",
        # numpy and others make an ImportError of what strikes their import.
        "try: strike()\n    except KeyboardInterrupt: raise ImportError('numpy') from None",
        # Nothing can be raised in __del__: Python prints it and goes on.
        "type('Callback', (), {'__del__': lambda _: strike()})(); time.sleep(60)",
        "try: strike()\n    finally: strike()",
    ],
    ids=["anywhere", "in an import", "in a callback", "twice"],
)
def test_during_a_command_it_ends_wherever_it_strikes(body: str) -> None:
    ends_with_a_sentence(run(DURING_A_COMMAND.format(body=body)))


def test_who_had_it_ignored_is_not_interrupted() -> None:
    ignored = "signal.signal(signal.SIGINT, signal.SIG_IGN)\n"
    done = run(ignored + DURING_A_COMMAND.format(body="strike(); print('went on')"))
    assert done.returncode == 0, done.stderr
    assert done.stdout == "went on\n"


def test_another_error_keeps_its_traceback() -> None:
    done = run(DURING_A_COMMAND.format(body="raise ImportError('ours')"))
    assert done.returncode == 1
    assert "ImportError: ours" in done.stderr
