"""What is said about goals: the table asked, planned, achieved; notes; the error of one too far."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from trashdata.console import Reporter
from trashdata.errors import UserError

from .targets import Tally, Target


def amount_text(target: Target, tally: Tally) -> str:
    """What there is of the target's class, in the target's own unit."""
    return amount_of(target, target.held(tally))


def amount_of(target: Target, held: float) -> str:
    """An amount in the target's own unit."""
    if target.unit == "objects":
        return f"{held:,.0f}"
    return f"{100 * held:.2f} {'%' if target.unit == 'share of objects' else 'px%'}"


def show_goals(
    reporter: Reporter,
    title: str,
    targets: Sequence[Target],
    before: Tally,
    planned: Tally,
    achieved: Tally | None = None,
) -> None:
    """Print asked-for and planned amounts, and after a run what was achieved."""
    header = ["class", "asked", "before", "planned"] + ["achieved"] * (achieved is not None)
    tallies = [before, planned] + ([achieved] if achieved is not None else [])
    rows = [
        [
            target.name,
            _asked(target),
            *(amount_text(target, tally) for tally in tallies),
        ]
        for target in targets
    ]
    reporter.table(title, header, rows)


def _asked(target: Target) -> str:
    asked = f"{target.amount:,.0f}" if target.unit == "objects" else target.asked
    return f"{asked} (balance)" if target.soft else asked


def goal_figures(
    targets: Sequence[Target], before: Tally, planned: Tally, achieved: Tally | None
) -> list[dict[str, Any]]:
    """The same for ``--json-summary``: numbers of objects, or shares from 0 to 1."""
    return [
        {
            "class": target.name,
            "unit": target.unit,
            "asked": target.amount,
            "before": target.held(before),
            "planned": target.held(planned),
            "achieved": None if achieved is None else target.held(achieved),
            "balance": target.soft,
        }
        for target in targets
    ]


def note_met(reporter: Reporter, targets: Sequence[Target], there: Tally) -> None:
    """Say which targets ask for no more than what is there; nothing is ever taken away."""
    for target in targets:
        if target.soft or target.missing(there):
            continue
        held = amount_text(target, there)
        more = target.held(there) > target.amount
        end = "; nothing is taken away." if more else "."
        reporter.note(f"{target.name}: {held} exist already, {target.asked} asked for{end}")


def unreachable(target: Target, highest: str, advice: str) -> UserError:
    """The error of a target beyond the caps.

    ``highest``: how far it can get, in the target's unit; ``advice``: which option lifts it.
    """
    return UserError(
        target.option,
        expected=f"at most {highest}",
        found=target.asked,
        advice=advice,
    )
