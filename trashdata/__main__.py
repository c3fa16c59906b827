"""``python -m trashdata``."""

from trashdata.cli import main

main()
