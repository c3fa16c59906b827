"""``python -m trashdata.copy_paste``."""

from trashdata.cli import run
from trashdata.copy_paste.command import app

run(app)
