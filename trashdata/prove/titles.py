"""What a finding speaks of, as text."""

from __future__ import annotations

from collections import Counter

from .findings import Finding

EXPLORATORY = "Other classes, exploratory: a verdict is a reason to look again, not a result"

SPEAKS_OF = (
    "Differences of IoU on the validation photos, in points, each with the interval at which its"
    " verdict was made. They speak of this model, trained for so long and scored on these photos:"
    " longer training can close a gap, and other photos may differ."
)


def title(finding: Finding) -> str:
    """All of it in one line.

    >>> title(Finding("paste", ("plain",), 400, 5, 300, 2, (), {}))
    'paste against plain: 400 steps, 5 seeds, 300 photos, look 2'
    """
    return f"{finding.arm} {against(finding)}: {training(finding)}, {scoring(finding)}"


def against(finding: Finding) -> str:
    """Name the controls; an arm has to beat each of them.

    >>> against(Finding("paste", ("plain", "repeat"), 400, 5, 300, 1, (), {}))
    'against the better of plain and repeat'
    """
    *others, last = finding.against or ("nothing",)
    return f"against the better of {', '.join(others)} and {last}" if others else f"against {last}"


def training(finding: Finding) -> str:
    """How the models were trained."""
    length = _number(finding.steps, "step") if finding.steps else "trained elsewhere"
    return f"{length}, {_number(finding.seeds, 'seed')}"


def scoring(finding: Finding) -> str:
    """What they were scored on."""
    return f"{_number(finding.photos, 'photo')}, look {finding.look}"


def tally(finding: Finding) -> str:
    """How many classes an arm helps and hurts; the mean over the classes is none.

    >>> tally(Finding("paste", ("plain",), 400, 5, 300, 1, (), {}))
    'helps 0, hurts 0 of 0'
    """
    found = Counter(row.verdict for row in finding.rows if row.family != "mean")
    return f"helps {found['helps']}, hurts {found['hurts']} of {found.total()}"


def _number(number: int, thing: str) -> str:
    return f"{number:,} {thing}{'' if number == 1 else 's'}"
