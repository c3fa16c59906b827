"""The tables of findings on the terminal."""

from __future__ import annotations

from collections.abc import Sequence

from prove.made_findings import finding, row, usual_rows

from trashdata.console import Reporter
from trashdata.prove.table import show_findings, table_rows
from trashdata.prove.titles import EXPLORATORY


class Kept(Reporter):
    """Keeps what is shown."""

    def __init__(self, *, verbose: bool = False) -> None:
        super().__init__()
        self.verbose = verbose
        self.tables: list[tuple[str, list[str]]] = []
        self.notes: list[str] = []

    def note(self, text: str) -> None:
        self.notes.append(text)

    def table(self, title: str, header: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
        assert all(len(one) == len(header) for one in rows)
        self.tables.append((title, [str(one[0]) for one in rows]))


def test_rows_in_words() -> None:
    assert table_rows(usual_rows()) == [
        ("mean", " +2.1 [+0.9, +3.3]", "helps"),
        ("Battery", "+11.4 [+6.1, +16.7]", "helps"),
        (
            "Clothing",
            " +0.8 [-2.9, +4.5]",
            "no evidence: 9 more seeds, or 60 more validation photos, would tell",
        ),
        ("Glass", " -2.6 [-4.4, -0.8]", "hurts"),
        (
            "Styrofoam",
            "+30.0",
            "too few photos: on 4 groups; about 470 more validation photos are needed",
        ),
        ("Ghost", "    –", "too few photos: none in validation"),
    ]


def test_no_rows() -> None:
    assert table_rows([]) == []


def test_exploratory_classes_are_apart() -> None:
    reporter = Kept()
    show_findings([finding(), finding(usual_rows()[:2], arm="oversample")], reporter)
    assert reporter.tables == [
        ("copy-paste against plain: 400 steps, 5 seeds, 312 photos, look 1", ["mean", "Battery"]),
        (EXPLORATORY, ["Clothing", "Glass", "Styrofoam", "Ghost"]),
        ("oversample against plain: 400 steps, 5 seeds, 312 photos, look 1", ["mean", "Battery"]),
    ]
    assert reporter.notes == []


def test_of_many_exploratory_classes_those_with_a_verdict() -> None:
    rows = [*usual_rows(), *(row(f"class {k}", 0.0, 0.1) for k in range(21))]
    reporter, full = Kept(), Kept(verbose=True)
    show_findings([finding(rows)], reporter)
    show_findings([finding(rows)], full)
    assert reporter.tables[1] == (EXPLORATORY, ["Glass"])
    assert reporter.notes == ["24 more without a verdict: --verbose shows them."]
    assert full.tables[1][1] == [one.name for one in rows[2:]]
    assert full.notes == []
