"""What is said of a search: before it, its scores, and what is kept of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from trashdata.console import Reporter
from trashdata.inference.predictor import evaluated_images
from trashdata.options.limits import toml_key
from trashdata.prove.grid import SIZES
from trashdata.prove.halving import FIRST, Rung
from trashdata.prove.search import Found, Search
from trashdata.prove.timing import FEW_STEPS, Batch, Pace, in_words, seconds_in_all

NOT_A_RESULT = (
    "The search's scores choose and are no result: the best of many looks better than it is. What"
    " the winner is worth, its comparison says, on photos and seeds that the search has not seen."
)
_SCORE = "mean IoU over all classes"
_AXES = ("size", "place", "share", "classes", "blend", "objects")
_MOST = 12


def show_plan(
    search: Search, steps: int, pace: Pace | None, lanes: int, reporter: Reporter
) -> None:
    """Note the runs, about how long they take, and what is held out."""
    runs, confirming = search.batches(), Batch(len(_confirming(search, steps)))
    cost = sum(one.runs * one.share for one in runs)
    time = ""
    if pace is not None:
        seconds = seconds_in_all(pace, steps, [*runs, confirming], lanes)
        time = f"; about {in_words(seconds)} if none of them is there yet"
    reporter.note(
        f"Search: {len(search.grid)} candidates, {_in_words(search.rungs(steps))}. These are"
        f" {sum(one.runs for one in runs)} runs, as much work as {cost:.0f} of {steps:,} steps; the"
        f" comparison of the winner has {confirming.runs} more{time}."
    )
    reporter.note(_held_out(search))
    first = search.rungs(steps)[0].steps
    if first < FEW_STEPS:
        reporter.warn(
            f"The first rung's {first} steps choose nearly at random: with --steps"
            f" {FIRST * FEW_STEPS} or more it has {FEW_STEPS} at least."
        )


def _confirming(search: Search, steps: int) -> Sequence[object]:
    return search.confirmation(search.grid[0].arm).trials(steps)


def _in_words(plan: Sequence[Rung]) -> str:
    """The rungs.

    >>> _in_words([Rung(3, 400, (2,)), Rung(2, 1600, (2, 3))])
    '3 of 400 steps, then 2 of 1,600 steps with 2 seeds'
    """
    parts = [
        f"{rung.candidates} of {rung.steps:,} steps"
        + (f" with {len(rung.tries)} seeds" if len(rung.tries) > 1 else "")
        for rung in plan
    ]
    return ", then ".join(parts)


def _held_out(search: Search) -> str:
    plan = search.outer
    (fold,), options = plan.parts.folds, plan.options
    if options.val is None:
        kept = f"fold {fold.number} of {options.fold_count} of {plan.parts.documents[0].name}"
    else:
        kept = fold.val.name
    seeds = options.seed_numbers()
    inner = len(search.inner.parts.folds)
    return (
        f"Held out from the search: the {len(plan.parts.photos)} photos of {kept}, and seeds"
        f" {seeds[0]} to {seeds[-1]}. It sees the {len(fold.train.images)} training photos alone,"
        f" in {inner} folds: it trains on {inner - 1} of them and scores on the other one, with"
        " each seed on another."
    )


def show_grid(search: Search, reporter: Reporter) -> None:
    """Show all candidates."""
    rows = [[getattr(one.choice, axis) for axis in _AXES] for one in search.grid]
    reporter.table("Candidates", _AXES, [[str(value) for value in row] for row in rows])
    for name, options in SIZES.items():
        said = ", ".join(f"{toml_key(key)} {_toml(value)}" for key, value in options.items())
        reporter.note(f"size {name}: {said or 'as by default'}")
    patch = search.grid[-1].arm.patch
    reporter.note(f"classes all: {', '.join(patch)}")


def _toml(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else f"{value}"


def show_found(found: Found, reporter: Reporter) -> None:
    """Show the scores of the best candidates, or of all if ``reporter.verbose``."""
    # Names hold all of the options: a column for each does not fit into 80 characters.
    header = ["candidate", *(_column(one.rung) for one in found.rounds)]
    rows = [[name, *_points(found, name)] for name in _best_first(found)]
    shown = rows if reporter.verbose else rows[:_MOST]
    title = "Search, not a result: points of mean IoU, by steps, then seeds"
    reporter.table(title, header, shown)
    if len(shown) < len(rows):
        reporter.note(f"{len(rows) - len(shown)} more were left out: --verbose shows them.")
    reporter.note(NOT_A_RESULT)


def _column(rung: Rung) -> str:
    """The head of a rung's column: its steps, or its seeds if they are several.

    >>> _column(Rung(6, 1600, (2,))), _column(Rung(3, 1600, (2, 3)))
    ('1,600', '×2')
    """
    return f"{rung.steps:,}" if len(rung.tries) == 1 else f"×{len(rung.tries)}"


def _points(found: Found, name: str) -> list[str]:
    scores = [one.scores.get(name) for one in found.rounds]
    return ["" if score is None else f"{100 * score:.1f}" for score in scores]


def _best_first(found: Found) -> list[str]:
    """Names by the rung that they came to, then by their score there."""
    names = [one.arm.name for one in found.search.grid]
    last = {name: score for one in found.rounds for name, score in one.scores.items()}
    rungs = {name: sum(name in one.scores for one in found.rounds) for name in names}
    return sorted(names, key=lambda name: (-rungs[name], -last[name]))


def as_plain(found: Found) -> dict[str, Any]:
    """The search as ``prove.json`` has it."""
    search = found.search
    return {
        "note": NOT_A_RESULT,
        "score": _SCORE,
        "winner": found.winner.name,
        "held_out": {
            **search.outer.parts.folds[0].digests,
            "photos": len(search.outer.parts.photos),
            "seeds": search.outer.options.seed_numbers(),
        },
        "folds": [
            {**fold.digests, "photos": len(evaluated_images(fold.val))}
            for fold in search.inner.parts.folds
        ],
        "candidates": {
            one.arm.name: {**asdict(one.choice), "patch": list(one.arm.patch)}
            for one in search.grid
        },
        "rungs": [
            {
                "steps": one.rung.steps,
                "tries": [
                    dict(zip(("fold", "seed"), search.place_of(number), strict=True))
                    for number in one.rung.tries
                ],
                "scores": one.scores,
            }
            for one in found.rounds
        ],
    }
