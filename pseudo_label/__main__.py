"""``python -m trashdata.pseudo_label``."""

from trashdata.cli import run

from .command import app

run(app)
