"""Where everything is in the picture of findings, and the names as they are drawn."""

from __future__ import annotations

import math
import textwrap
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from trashdata.comparison.verdicts import Family
from trashdata.errors import printable

from .findings import Finding, Key, grouped
from .fonts import can_write, families
from .titles import against

_IN_A_BAND = 8
_NAME = 32
# With more lines than this, they are lower.
_HIGH_LINES = 30
# In inches.
_LINE, _LOW_LINE, _LETTER = 0.25, 0.19, 0.078
_HEAD, _AXIS, _FOOT, EDGE, _APART = 1.08, 0.42, 0.62, 0.2, 0.24
_WORDS, _NUMBER, CONTROL = 2.75, 0.5, 0.16
_GROUPS: dict[Family, str] = {
    "mean": "",
    "patch": "declared classes",
    "exploratory": "other classes, exploratory",
}


@dataclass(frozen=True)
class Layout:
    """Where everything is, in inches.

    ``heights``: of the lines, in lines from the top of a panel; ``captions``: heights of the names
    of groups; ``lines``: height of a panel in lines; ``line``: height of one; ``named``: room for
    names; ``panel``, ``beside``: widths of an axis and of what is said beside it; ``controls``:
    lines that the names of the controls take.
    """

    fonts: list[str]
    labels: dict[Key, str]
    heights: dict[Key, float]
    captions: list[tuple[float, str]]
    lines: float
    line: float
    named: float
    panel: float
    beside: float
    columns: int
    bands: int
    controls: int

    @classmethod
    def of(cls, findings: Sequence[Finding]) -> Layout:
        keys = grouped(findings)
        fonts = families(text for finding in findings for text in _texts(finding))
        labels = _labels(keys, fonts)
        heights, captions, lines = _stack(keys)
        bands = math.ceil(len(findings) / _IN_A_BAND)
        columns = math.ceil(len(findings) / bands)
        panel, beside = max(1.35, min(4.6, 9.0 / columns)), _WORDS if columns <= 2 else _NUMBER
        captioned = [text for _, text in captions]
        return cls(
            fonts,
            labels,
            heights,
            captions,
            lines,
            _LINE if lines <= _HIGH_LINES else _LOW_LINE,
            EDGE + _LETTER * max(map(_letters, ["mean", *labels.values(), *captioned])) + 0.12,
            panel,
            beside,
            columns,
            bands,
            max(len(controls(finding, panel + beside)) for finding in findings),
        )

    @property
    def wide(self) -> bool:
        """Whether there is room for intervals and words beside an axis."""
        return self.beside == _WORDS

    @property
    def large(self) -> bool:
        """Whether lines are high enough for larger letters."""
        return self.line == _LINE

    @property
    def width(self) -> float:
        # The legend has a width of its own.
        return max(self.named + self.columns * (self.panel + self.beside + _APART) + EDGE, 7.6)

    @property
    def band(self) -> float:
        return self.head + self.lines * self.line + _AXIS

    @property
    def head(self) -> float:
        return _HEAD + (self.controls - 1) * CONTROL

    @property
    def height(self) -> float:
        return self.bands * self.band + _FOOT

    def corner(self, index: int) -> tuple[float, float]:
        """Left and top of a panel, from the left and the top of the picture."""
        band, column = divmod(index, self.columns)
        left = self.named + column * (self.panel + self.beside + _APART)
        return left, band * self.band + self.head


def _texts(finding: Finding) -> list[str]:
    return [finding.arm, *finding.against, *(row.name for row in finding.rows)]


def _labels(keys: dict[Key, Family], fonts: Sequence[str]) -> dict[Key, str]:
    """Names as they are drawn; those that no font can write are numbered."""
    return {
        key: short(key[1]) if can_write(printable(key[1]), fonts) else f"class {number}"
        # From 0, since the mean comes first.
        for number, key in enumerate(keys)
    }


def _stack(keys: dict[Key, Family]) -> tuple[dict[Key, float], list[tuple[float, str]], float]:
    heights: dict[Key, float] = {}
    captions: list[tuple[float, str]] = []
    height, group = 0.0, "mean"
    for key, family in keys.items():
        if family != group:
            captions.append((height + 0.65, _GROUPS[family]))
            height, group = height + 1.2, family
        heights[key] = height + 0.5
        height += 1
    return heights, captions, max(height, 1.0)


def controls(finding: Finding, room: float) -> list[str]:
    """What an arm is held against, in at most three lines of ``room`` inches."""
    text = printable(against(finding))
    # East Asian letters are counted as one here.
    letters = int(room / 0.075 * len(text) / _letters(text))
    return textwrap.wrap(text, letters, max_lines=3, placeholder="…")


def _letters(text: str) -> int:
    """Width in letters; those of Hangul and other East Asian scripts are wider.

    >>> _letters("Battery"), _letters("배터리")
    (7, 6)
    """
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def short(name: str, letters: int = _NAME) -> str:
    """Shortened in the middle, as names often differ in their ends.

    >>> short("Other plastic wrapper 7", 12)
    'Other …per 7'
    """
    plain = printable(name)
    cut, head = 0, len(plain)
    while _letters(plain[:head] + plain[head + cut :]) > letters - (1 if cut else 0):
        cut += 1
        head = (len(plain) - cut + 1) // 2
    return plain if not cut else f"{plain[:head]}…{plain[head + cut :]}"
