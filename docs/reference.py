"""Write the pages that are generated: `python docs/reference.py`, which `make docs` runs.

The folders that it fills hold nothing else, and git ignores them, as it does .mkdocs.yml.
"""

from __future__ import annotations

from pathlib import Path

from command_pages import command_nav, command_pages
from python_pages import python_pages

DOCS = Path(__file__).resolve().parent


def write_pages(folder: Path, pages: dict[str, str]) -> None:
    """Make the folder hold these pages and no others; a page that says the same stays as it is."""
    folder.mkdir(exist_ok=True)
    for path in folder.glob("*.md"):
        if path.name not in pages:
            path.unlink()
    for name, text in pages.items():
        path = folder / name
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")


def site_config(text: str) -> str:
    """The configuration of the site, with the pages of all commands in its navigation."""
    line = "  - Commands: commands/index.md\n"
    if line not in text:
        raise ValueError(f"mkdocs.yml has no line {line!r}")
    return text.replace(line, command_nav())


if __name__ == "__main__":
    write_pages(DOCS / "commands", command_pages())
    write_pages(DOCS / "python", python_pages())
    config = DOCS.parent / "mkdocs.yml"
    text = site_config(config.read_text(encoding="utf-8"))
    config.with_name(".mkdocs.yml").write_text(text, encoding="utf-8")
