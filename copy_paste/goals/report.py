"""Report on goals: the table of asked, planned and achieved amounts, notes, and errors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from trashdata.console import Reporter
from trashdata.errors import UserError

from .targets import ObjectCounts, Target


def amount_text(target: Target, counts: ObjectCounts) -> str:
    """The amount of the target's class as text, in the target's unit."""
    return amount_of(target, target.held(counts))


def amount_of(target: Target, held: float) -> str:
    """An amount as text, in the target's unit."""
    if target.unit == "objects":
        return f"{held:,.0f}"
    return f"{100 * held:.2f} {'%' if target.unit == 'share of objects' else 'px%'}"


def show_goals(
    reporter: Reporter,
    title: str,
    targets: Sequence[Target],
    before: ObjectCounts,
    planned: ObjectCounts,
    achieved: ObjectCounts | None = None,
) -> None:
    """Print the asked and planned amounts, and after a run the achieved ones."""
    header = ["class", "asked", "before", "planned"] + ["achieved"] * (achieved is not None)
    all_counts = [before, planned] + ([achieved] if achieved is not None else [])
    rows = [
        [
            target.name,
            _asked(target),
            *(amount_text(target, counts) for counts in all_counts),
        ]
        for target in targets
    ]
    reporter.table(title, header, rows)


def _asked(target: Target) -> str:
    asked = f"{target.amount:,.0f}" if target.unit == "objects" else target.asked
    return f"{asked} (balance)" if target.soft else asked


def goal_figures(
    targets: Sequence[Target],
    before: ObjectCounts,
    planned: ObjectCounts,
    achieved: ObjectCounts | None,
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


def note_met(reporter: Reporter, targets: Sequence[Target], there: ObjectCounts) -> None:
    """Note the targets that are met already; nothing is ever removed."""
    for target in targets:
        if target.soft or target.missing(there):
            continue
        held = amount_text(target, there)
        more = target.held(there) > target.amount
        end = "; nothing is taken away." if more else "."
        reporter.note(f"{target.name}: {held} exist already, {target.asked} asked for{end}")


def unreachable(target: Target, highest: str, advice: str) -> UserError:
    """The error for a target beyond the caps.

    ``highest``: the largest reachable amount, in the target's unit; ``advice``: the option that
    lifts it.
    """
    return UserError(
        target.option,
        expected=f"at most {highest}",
        found=target.asked,
        advice=advice,
    )
