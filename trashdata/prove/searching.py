"""A search, and the comparison of its winner with its controls."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from trashdata.console import Reporter
from trashdata.outcome import Outcome
from trashdata.prove.comparing import Comparison
from trashdata.prove.lanes import Lanes
from trashdata.prove.length import chosen_steps
from trashdata.prove.report import outcome
from trashdata.prove.search import Search, carry_out
from trashdata.prove.search_report import as_plain, show_found, show_grid, show_plan
from trashdata.prove.trials import Trial


def search_and_compare(
    search: Search,
    patch: Sequence[str],
    out: Path,
    lanes: Lanes,
    reporter: Reporter,
    *,
    dry_run: bool,
) -> Outcome:
    """Search, then compare the winner with its controls."""
    runs = Comparison(search.inner, patch, out, lanes, reporter)
    # Before hours of search.
    Comparison(search.outer, patch, out, lanes, reporter).check_arms(dry_run=dry_run)
    confirmation = search.confirmation(search.grid[0].arm)
    length = chosen_steps(
        confirmation, out, lanes, runs.is_missing, search.batches(), dry_run=dry_run
    )
    (steps,) = length.steps
    show_plan(search, steps, length.pace, lanes.number, reporter)
    if dry_run:
        show_grid(search, reporter)
    if dry_run or all(map(runs.is_missing, search.trials(search.rungs(steps)[0]))):
        runs.check(search.samples(steps))
    number = sum(one.runs for one in search.batches())
    if dry_run:
        total = number + len(confirmation.trials(steps))
        return outcome(confirmation, [], {"runs": total, "missing": total}, [], reporter)
    trained = 0

    def train(trials: Sequence[Trial]) -> None:
        nonlocal trained
        trained += runs.run(trials)

    found = carry_out(search, steps, train, runs.results)
    show_found(found, reporter)
    plan = search.confirmation(found.winner, steps)
    done = Comparison(plan, patch, out, lanes, reporter, found).carry_out(dry_run=False)
    counts = {"runs": done.counts["runs"] + number, "trained": done.counts["trained"] + trained}
    return replace(done, counts=counts, figures={**done.figures, "search": as_plain(found)})
