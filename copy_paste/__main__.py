"""``python -m trashdata.copy_paste``."""

from trashdata.cli import run

from .command import app

run(app)
