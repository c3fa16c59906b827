"""Options, declared once as the fields of a dataclass: for the command line, TOML and Python."""
