"""The page: the template filled in, with style and script inside it.

Whatever comes from a file reaches the page through Jinja's escapes, as text or as JSON. The page's
content security policy allows this one script, by its hash, and no request to anywhere.
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
    """The bytes of the HTML file; ``content``: what the template names."""
    from jinja2 import Environment, FunctionLoader, StrictUndefined

    environment = Environment(
        loader=FunctionLoader(_asset),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    # Keys stay as they are given: sorting them would tell nothing.
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
    """A file of the page; line ends as the browser sees them, which the script's hash is of."""
    text = files("trashdata.report").joinpath("page", name).read_text(encoding="utf-8")
    return text.replace("\r\n", "\n")
