"""The page, a script that Streamlit runs from the top after each interaction."""

from __future__ import annotations

import re
from collections.abc import Sequence

import streamlit as st

from trashdata.app.overlay import ClassShare, percent, picture
from trashdata.app.session import Answer, current
from trashdata.errors import UserError, printable

_STYLE = """
.block-container { padding-top: 2rem; max-width: 80rem; }
h1 { font-size: 2rem !important; padding-bottom: 0 !important; }
[data-testid="stImage"] img { max-height: 80vh; object-fit: contain; object-position: top left; }
[class*="st-key-class-"] { border-left: 0.9rem solid; padding-left: 0.6rem; }
"""
_COLOUR = ".st-key-class-{} {{ border-left-color: {}; }}"


def plain(text: str) -> str:
    """Escape text, so that Streamlit does not take it for Markdown.

    >>> plain("[a](b) *c*")
    '\\\\[a\\\\]\\\\(b\\\\) \\\\*c\\\\*'
    """
    return re.sub(r"([!-/:-@\[-`{-~])", r"\\\1", printable(text))


def show() -> None:
    """The whole page."""
    st.set_page_config(page_title="trashdata app", layout="wide")
    session = current()
    _style(_STYLE)
    st.title("What is on this photo?", anchor=False)
    st.caption(
        f"Model {plain(', '.join(m.name for m in session.ensemble.models))}, "
        f"{len(session.class_names)} classes. The photo stays on this machine."
    )
    upload = st.file_uploader("Photo")
    if upload is None:
        return
    try:
        answer = _answer(upload.file_id, upload.name, upload.getvalue())
    except UserError as error:
        st.error(plain(str(error)))
        return
    left, right = st.columns([3, 2], gap="medium")
    with right:
        opacity = st.slider("Opacity of the classes, %", 0, 100, 55, step=5) / 100
        shown = _legend(answer.shares)
        _downloads(answer)
    with left:
        height, width = answer.found.labels.shape
        jpeg = picture(answer.photo, answer.found.labels, shown, opacity)
        st.image(jpeg, caption=f"{plain(answer.name)}, {width} × {height}", width="stretch")


def _style(rules: str) -> None:
    st.html(f"<style>{rules}</style>")


def _answer(key: str, name: str, content: bytes) -> Answer:
    """The answer to this upload; the last one is cached while other widgets change."""
    kept: tuple[str, Answer] | None = st.session_state.get("answer")
    if kept is None or kept[0] != key:
        with st.spinner("Predicting"):
            kept = (key, current().ask(name, content))
        st.session_state["answer"] = kept
    return kept[1]


def _legend(shares: Sequence[ClassShare]) -> list[int]:
    """Show a box for each class on the photo; return the indices of those switched on."""
    present = [row for row in shares if row.pixels and row.index]
    _style("".join(_COLOUR.format(row.index, row.colour) for row in present))
    st.subheader("Share of the pixels", anchor=False)
    shown = []
    for row in present:
        with st.container(key=f"class-{row.index}"):
            label = f"{plain(row.name)}: {percent(row.share)}"
            if st.checkbox(label, value=True, key=f"shown-{row.index}"):
                shown.append(row.index)
    background = next(row for row in shares if not row.index)
    absent = [row.name for row in shares if row.index and not row.pixels]
    rest = f"Background: {percent(background.share)}."
    if absent:
        rest += f" Not seen: {plain(', '.join(absent))}."
    st.caption(rest)
    return shown


def _downloads(answer: Answer) -> None:
    files = (
        ("Label mask (PNG)", answer.mask_png, f"{answer.stem}.png", "image/png"),
        ("COCO JSON", answer.coco_json, f"{answer.stem}.json", "application/json"),
    )
    with st.container(horizontal=True):
        for label, content, name, kind in files:
            st.download_button(label, content, name, kind, on_click="ignore")


if __name__ == "__main__":
    show()
