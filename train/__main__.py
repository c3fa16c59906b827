"""``python -m trashdata.train``."""

from trashdata.cli import run

from .command import app

run(app)
