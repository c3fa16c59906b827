"""From pixel counts to the findings, which are kept and shown."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from trashdata.comparison import iou
from trashdata.comparison.pixel_counts import Counts, with_mean
from trashdata.console import Reporter
from trashdata.inference.confusion import channel_names
from trashdata.prove.analysis import find
from trashdata.prove.compared import Compared
from trashdata.prove.findings import Finding
from trashdata.prove.looks import number_of_look, read_looks, with_look, write_looks
from trashdata.prove.report import show, write_findings


def judged(
    compared: Compared,
    counts: Mapping[int, Mapping[str, Counts]],
    patch: Sequence[str],
    out: Path,
    reporter: Reporter,
) -> tuple[list[Finding], list[Path]]:
    """Judge all arms, and write and show what was found.

    Parameters
    ----------
    counts : by the number of steps and the name of the arm, see `trashdata.prove.analysis`.
    patch : the classes that arms are made for, if they name none.

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
    scores: dict[str, Any] = {}
    for steps, found in counts.items():
        findings += find(compared, steps, found, patch, look)
        scores[str(steps)] = {arm: _scores(compared, one) for arm, one in found.items()}
    # Before anything is shown: a look that was seen counts.
    write_looks(out, looks)
    outputs = write_findings(out, compared, findings, scores)
    show(findings, reporter)
    return findings, outputs


def _scores(compared: Compared, counts: Counts) -> dict[str, Any]:
    """The mean IoU, and that of each channel, of each seed's runs."""
    table = with_mean(iou(counts.sum(axis=1)))
    names = ["mean", *channel_names(compared.parts.class_names)]
    return {
        "seeds": compared.options.seed_numbers(),
        "iou": [
            {n: None if math.isnan(v) else v for n, v in zip(names, row, strict=True)}
            for row in table.tolist()
        ],
    }
