"""``python -m trashdata.splitting``."""

from trashdata.cli import run

from .command import app

run(app)
