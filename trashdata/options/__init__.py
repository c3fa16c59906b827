"""Options, declared once as the fields of a dataclass: for the command line, TOML and Python."""

from trashdata.options.old import *  # noqa
