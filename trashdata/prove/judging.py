"""From pixel counts to the findings, which are kept and shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from trashdata.comparison.pixel_counts import Counts, Floats
from trashdata.console import Reporter
from trashdata.prove.analysis import Scores, find, scores_of
from trashdata.prove.compared import Compared
from trashdata.prove.findings import Finding
from trashdata.prove.looks import number_of_look, read_looks, with_look, write_looks
from trashdata.prove.report import show, write_findings


def judged(
    compared: Compared,
    counts: Mapping[int, Mapping[str, Counts]],
    precision: Mapping[int, Mapping[str, Floats]] | None,
    patch: Sequence[str],
    out: Path,
    reporter: Reporter,
    only: Sequence[str] = (),
    search: Mapping[str, Any] | None = None,
) -> tuple[list[Finding], list[Path]]:
    """Judge all arms, and write and show what was found.

    Parameters
    ----------
    counts, precision : by the number of steps and the name of the arm, see
        `trashdata.prove.analysis`; no precision where no regions were scored.
    patch : the classes that arms are made for, if they name none.
    only : names of the arms that are judged; all of them if empty.
    search : how the arm was found, if it was searched for.

    Returns
    -------
    The findings, and the paths of prove.json and prove.png.
    """
    looks = read_looks(out)

    def look(question: str, seeds: list[int], results: str) -> int:
        nonlocal looks
        number = number_of_look(looks, question, seeds, results)
        looks = with_look(looks, question, seeds, results)
        return number

    findings: list[Finding] = []
    scores: dict[str, dict[str, Scores]] = {}
    for steps, found in counts.items():
        findings += find(compared, steps, found, patch, look, only)
        regions = {} if precision is None else precision[steps]
        scores[str(steps)] = {
            arm: scores_of(compared, one, regions.get(arm)) for arm, one in found.items()
        }
    # Before anything is shown: a look that was seen counts.
    write_looks(out, looks)
    outputs = write_findings(out, compared, findings, scores, search)
    show(findings, scores, reporter)
    return findings, outputs
