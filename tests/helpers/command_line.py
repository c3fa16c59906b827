"""Commands in this process: a tenth of the time of a new one, which imports everything again."""

from __future__ import annotations

import contextlib
import io
import os
import subprocess
import sys
from pathlib import Path
from unittest import mock

from helpers.processes import Done

from trashdata.cli import app, run


def call(*arguments: object, cwd: Path, columns: int = 80) -> Done:
    """Run a command with ``cwd`` as its working folder, on a terminal of so many columns.

    What it prints is caught as :func:`helpers.processes.run` catches it; an error that a process
    would end with in a traceback is raised.
    """
    stdout, stderr = io.StringIO(), io.StringIO()
    words = ["trashdata", *map(str, arguments)]
    code: object = 0
    with (
        contextlib.chdir(cwd),
        mock.patch.object(sys, "argv", words),
        mock.patch.dict(os.environ, {"COLUMNS": str(columns)}),
        contextlib.redirect_stdout(stdout),
        contextlib.redirect_stderr(stderr),
    ):
        try:
            run(app)
        except SystemExit as end:
            code = end.code
    assert isinstance(code, int)
    return subprocess.CompletedProcess(words, code, stdout.getvalue(), stderr.getvalue())
