"""Every command on every case of the corpus: it works, or says one sentence and writes nothing."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from corpus import fields, files, names, photos, records, segmentations
from corpus.base import ALL, JSON, Case, add_other_file, encoded, make_set
from corpus.photos import NAME as PHOTO
from corpus.running import CALLS, MODEL_CALLS, Result, state, trashdata

from trashdata.coco.faults import FAULTS
from trashdata.coco.read import read_document

CASES = [
    case
    for module in (files, records, names, segmentations, fields, photos)
    for case in module.CASES
]


@pytest.fixture
def workplace(tmp_path: Path) -> Path:
    make_set(tmp_path / "data")
    return tmp_path


def named(cases: list[Case]) -> dict[str, object]:
    return {"argvalues": cases, "ids": [case.name for case in cases]}


def holds_no_codes(result: Result) -> None:
    """Nothing that a terminal would obey, whatever the names in the file."""
    for line in (*result.stdout.split("\n"), *result.stderr.split("\n")):
        assert line.isprintable(), repr(line)


def is_one_sentence(result: Result) -> None:
    holds_no_codes(result)
    assert result.code == 2, (result.stdout, result.stderr)
    assert "Traceback" not in result.stderr
    assert result.sentence.startswith("Error: "), result.stderr
    assert result.sentence.endswith((".", "?")), result.stderr
    assert result.sentence.isprintable()
    # Warnings and progress may stand before it.
    others = result.stderr.rstrip("\n").split("\n")[:-1]
    assert not [line for line in others if line.startswith("Error: ")]


@pytest.mark.parametrize("case", **named(CASES))
def test_validate_names_the_fault(case: Case, workplace: Path) -> None:
    case.spoil(workplace / "data")
    before = state(workplace)
    arguments = ("validate", "--data", "data", "--json", "train.json", "--workers", "1")
    result = trashdata(workplace, *arguments, "--json-summary")
    assert state(workplace) == before
    if case.unreadable:
        is_one_sentence(result)
        assert re.search(case.says, result.sentence), result.sentence
        return
    holds_no_codes(result)
    summary = json.loads(result.stdout)
    found = {row["kind"]: row for row in summary["faults"]}
    wrong = {kind for kind in found if FAULTS[kind].severity != "note"}
    assert wrong == case.kinds
    assert case.notes <= found.keys()
    assert all(row["count"] == len(row["places"]) > 0 for row in found.values())
    errors = {kind for kind in found if FAULTS[kind].severity == "error"}
    assert result.code == (1 if errors else 0)
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize("case", **named([case for case in CASES if not case.unreadable]))
def test_a_repaired_copy_has_no_errors_but_those_of_photos(case: Case, workplace: Path) -> None:
    case.spoil(workplace / "data")
    before = state(workplace)
    arguments = ("validate", "--data", "data", "--workers", "1", "--json")
    first = json.loads(
        trashdata(workplace, *arguments, "train.json", "--fix", "fixed", "--json-summary").stdout
    )
    after = state(workplace)
    assert after.pop("data/fixed.json")
    assert after == before
    result = trashdata(workplace, *arguments, "fixed.json", "--json-summary")
    again = json.loads(result.stdout)
    errors = {row["kind"] for row in again["faults"] if row["severity"] == "error"}
    left = {kind for kind in first["left"] if FAULTS[kind].severity == "error"}
    assert errors == left
    only_by_hand = {kind for kind in FAULTS if FAULTS[kind].repair == "leaves it"}
    sometimes = {"file-name-leaves", "image-size", "text-broken", "name-twice"}
    assert left <= only_by_hand | sometimes
    if all(kind.startswith("photo-") for kind in left):
        read_document(workplace / "data" / "fixed.json", unique_annotations=True)


@pytest.mark.parametrize("case", **named(CASES))
def test_commands_work_or_say_one_sentence(case: Case, workplace: Path) -> None:
    case.spoil(workplace / "data")
    before = state(workplace)
    for name, arguments in CALLS.items():
        # Drawing is slow, and tried on the cases below.
        more = ["--dry-run"] if name == "preview" and name not in case.refused_by else []
        result = trashdata(workplace, name, "--data", "data", *arguments, *more)
        after = state(workplace)
        assert {key: after.get(key) for key in before} == before, f"{name} changed its input"
        if name in case.refused_by or (name not in ALL and result.code != 0):
            is_one_sentence(result)
            assert re.search(case.says, result.sentence), (name, result.sentence)
            assert case.says, (name, result.sentence)
            if name in case.late:
                after = finished_once_fixed(workplace, name, arguments)
            else:
                assert after == before, f"{name} wrote something"
        else:
            assert result.code == 0, (name, result.stderr)
            assert "Traceback" not in result.stderr
            holds_no_codes(result)
        before = after


# The reader is one for all, and these commands are slow: some of the cases that it alone meets,
# and only every third case without `make slow`.
WITH_A_MODEL = [
    *photos.CASES,
    *names.CASES,
    *[case for module in (files, records, segmentations, fields) for case in module.CASES][::4],
]
QUICK_WITH_A_MODEL = {case.name for case in WITH_A_MODEL[::3]}
# What a set that others can work with may lack for these.
NOT_FOR_MODELS = "the same classes in|classes of other.json, in their|annotations to compare with"


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The run of a small model of the sound set's classes."""
    pytest.importorskip("torch")
    from helpers.models import tiny_run

    folder = tmp_path_factory.mktemp("model")
    make_set(folder / "data")
    tiny_run(folder / "run", folder / "data" / JSON)
    return folder / "run"


@pytest.mark.parametrize(
    "case",
    [
        pytest.param(
            case,
            id=case.name,
            marks=() if case.name in QUICK_WITH_A_MODEL else pytest.mark.slow,
        )
        for case in WITH_A_MODEL
    ],
)
def test_commands_with_models_work_or_say_one_sentence(
    case: Case, model: Path, workplace: Path
) -> None:
    add_other_file(workplace / "data")
    (workplace / "run").symlink_to(model)
    case.spoil(workplace / "data")
    before = state(workplace)
    for name, arguments in MODEL_CALLS.items():
        result = trashdata(workplace, name, "--data", "data", *arguments)
        written = {"report.html"} if name == "report" and result.code == 0 else set()
        assert {key: v for key, v in state(workplace).items() if key not in written} == before
        if result.code == 0:
            assert "Traceback" not in result.stderr
            holds_no_codes(result)
        else:
            is_one_sentence(result)
            says = "|".join(filter(None, (case.says, NOT_FOR_MODELS)))
            assert re.search(says, result.sentence), (name, result.sentence)


def finished_once_fixed(
    workplace: Path, name: str, arguments: tuple[str, ...]
) -> dict[str, object]:
    """Put the photo back for a moment: the command goes on, and says that it does."""
    path = workplace / "data" / PHOTO
    broken = path.read_bytes()
    path.write_bytes(encoded(3))
    result = trashdata(workplace, name, "--data", "data", *arguments)
    assert result.code == 0, result.stderr
    assert "Resuming" in result.stderr
    path.write_bytes(broken)
    return state(workplace)


DRAWN = (
    "class of terminal codes",
    "class of another script",
    "name in other scripts",
    "RLE without a pixel",
    "polygon outside",
    "compressed RLE",
    "16-bit PNG",
    "photo with alpha",
    "animated WebP",
    "CMYK photo",
    "photo turned as its size proves",
)


@pytest.mark.parametrize("name", DRAWN)
def test_odd_cases_can_be_drawn(name: str, workplace: Path) -> None:
    (case,) = (case for case in CASES if case.name == name)
    case.spoil(workplace / "data")
    result = trashdata(workplace, "preview", "--data", "data", *CALLS["preview"])
    assert result.code == 0, result.stderr
    assert (workplace / "sheet.png").read_bytes().startswith(b"\x89PNG")


def test_the_sound_set_is_silent(workplace: Path) -> None:
    result = trashdata(
        workplace, "validate", "--data", "data", "--json", "train.json", "--json-summary"
    )
    assert json.loads(result.stdout)["faults"] == []
    assert result.code == 0


def test_the_corpus_covers_the_table() -> None:
    named = {kind for case in CASES for kind in case.kinds | case.notes}
    assert named == FAULTS.keys() - {"not-json"}
    assert len(CASES) == len({case.name for case in CASES}) >= 80
