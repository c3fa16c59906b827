"""Rendering of the page: the template with style and script inside.

All values from files are escaped by Jinja, as text or as JSON. The page's content security policy
allows only this script, by its hash, and no requests.
"""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from importlib.resources import files
from typing import Any

from trashdata import __version__

SCRIPTS = ("masks.js", "cards.js", "sheets.js", "gallery.js", "detail.js", "start.js")


def render(content: dict[str, Any]) -> bytes:
    """Render the HTML file; ``content``: the template's variables."""
    from jinja2 import Environment, FunctionLoader, StrictUndefined

    environment = Environment(
        loader=FunctionLoader(_asset),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    # Keys keep their order; sorting them is not needed.
    environment.policies["json.dumps_kwargs"] = {"sort_keys": False, "separators": (",", ":")}
    script = '"use strict";\n' + "\n".join(map(_asset, SCRIPTS))
    text = environment.get_template("report.html").render(
        **content,
        version=__version__,
        style=_asset("style.css"),
        script=script,
        script_hash=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
    )
    return text.encode("utf-8", "replace")


@cache
def _asset(name: str) -> str:
    """Read a file of the page, with the line ends that the browser hashes the script with."""
    text = files("trashdata.report").joinpath("page", name).read_text(encoding="utf-8")
    return text.replace("\r\n", "\n")
