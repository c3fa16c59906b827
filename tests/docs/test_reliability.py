"""The numbers of ``docs/reliability.md`` are those of the tests."""

from __future__ import annotations

import re

import pytest
from corpus import fields, files, names, options, photos, records, segmentations, work_options
from corpus.running import CALLS, MODEL_CALLS
from faults.__main__ import FAULTS as INJECTED
from faults.__main__ import planned
from faults.commands import COMMANDS
from fuzz.targets import TARGETS
from helpers.paths import ROOT

from trashdata.coco.faults import FAULTS

PAGE = (ROOT / "docs" / "reliability.md").read_text(encoding="utf-8")
SETS = (files, records, names, segmentations, fields, photos)


def rounds(kills: int) -> int:
    return sum(len(list(planned(fault, kills))) for fault in INJECTED)


COUNTED = {
    "Kinds of faults in the table that `validate` prints from": len(FAULTS),
    "Broken sets in the corpus": sum(len(module.CASES) for module in SETS),
    "Wrong options and folders in the corpus": len(options.CASES) + len(work_options.CASES),
    "Commands that are run on broken sets": len({"validate", *CALLS, *MODEL_CALLS}),
    "Inputs that the fuzzer found, kept": sum(len(target.found()) for target in TARGETS.values()),
    "Kinds of faults that are injected": len(INJECTED),
    "Runs into which faults are injected": len(COMMANDS),
    "Rounds of `make faults`": rounds(50),
    "Rounds with `--rounds 5`": rounds(5),
}


@pytest.mark.parametrize(("what", "number"), COUNTED.items(), ids=list(COUNTED))
def test_the_page_states_the_number(what: str, number: int) -> None:
    assert f"\n| {what} | {number:,} |\n" in PAGE


def test_no_number_is_only_stated() -> None:
    table = PAGE.partition("| What | Number |")[2].partition("\n\n")[0]
    rows = re.findall(r"^\| ([^|]*[a-z][^|]*) \| [\d,]+ \|$", table, re.MULTILINE)
    assert rows == list(COUNTED)


def test_the_tests_that_it_names_are_there() -> None:
    named = re.findall(r"`((?:tests/|test_)[\w/]+(?:\.py)?/?)`", PAGE)
    assert len(named) > 10
    for name in named:
        assert (ROOT / name).exists() or (ROOT / "tests" / name).exists(), name
