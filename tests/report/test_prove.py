"""``trashdata report --prove``: the findings of a folder."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from helpers.coco import tree
from helpers.processes import RunCli
from helpers.report import HOSTILE_CLASS, Page, box_set, page_of, write_json
from prove.made_findings import finding, many_rows, row, usual_rows

from trashdata.errors import UserError
from trashdata.prove.findings import Finding, as_plain
from trashdata.report import ReportOptions, report
from trashdata.report.prove import prove_charts, read_prove


@pytest.fixture
def boxes(tmp_path: Path) -> Path:
    folder = tmp_path / "boxes"
    write_json(folder / "train_all.json", box_set(folder))
    return folder


def written(folder: Path, findings: Sequence[Finding]) -> Path:
    """A folder as ``trashdata prove`` leaves one."""
    folder.mkdir(exist_ok=True)
    content = {"version": "9", "findings": as_plain(findings), "options": {"steps": [1, None]}}
    write_json(folder / "prove.json", content)
    return folder


def shown(boxes: Path, tmp_path: Path, findings: Sequence[Finding]) -> Page:
    return page_of(boxes, tmp_path, prove=written(tmp_path / "prove", findings))


def test_one_arm(boxes: Path, tmp_path: Path) -> None:
    page = shown(boxes, tmp_path, [finding()])
    words = page.words
    assert "copy-paste against plain: 400 steps, 5 seeds, 312 photos, look 1;" in words
    assert "helps 1, hurts 1 of 5 classes" in words
    assert "They speak of this model" in words
    assert "mean +2.1 [+0.9, +3.3] helps" in words
    assert "Declared classes Battery +11.4 [+6.1, +16.7] helps Other classes" in words
    assert "Clothing +0.8 [-2.9, +4.5] no evidence: 9 more seeds, or 60 more" in words
    assert "Ghost – too few photos: none in validation" in words
    assert "All arms" not in [a.get("aria-label") for _, a in page.tags]
    assert any(a.get("href") == "#prove" for _, a in page.tags)


def test_several_arms_have_an_overview(boxes: Path, tmp_path: Path) -> None:
    other = finding([usual_rows()[0], row("Cup", -0.05, 0.01)], arm="oversample")
    page = shown(boxes, tmp_path, [finding(), other])
    assert "copy-paste oversample mean +2.1 helps +2.1 helps" in page.words
    # Of a class that an arm does not have, nothing.
    assert "Glass -2.6 hurts Styrofoam" in page.words
    assert "Cup -5.0 hurts" in page.words
    titles = [a["title"] for tag, a in page.tags if tag == "td" and "title" in a]
    assert "oversample, Cup: -5.0 [-6.0, -4.0], hurts" in titles


def test_arms_of_several_lengths_are_told_apart() -> None:
    made = [finding(), finding(steps=1600), finding(arm="oversample")]
    assert prove_charts(made).heads == [
        "copy-paste, 400 steps",
        "copy-paste, 1,600 steps",
        "oversample",
    ]


def test_what_is_drawn() -> None:
    rows = [row("mean", 0.05, 0.05), row("Cup", 0.1, 0.3, verdict="too few photos")]
    noise = {"mean": 0.025}
    (made,) = prove_charts([finding(rows, noise=noise)]).findings
    mean, cup = (one for group in made.groups for one in group.rows)
    # The axis ends at 0.1, and 4 % more.
    assert mean.mark == pytest.approx(50 + 50 * 0.05 / 0.104, abs=0.01)
    assert mean.line is not None
    assert mean.line == pytest.approx((50, 50 * 0.1 / 0.104), abs=0.01)
    assert mean.noise == pytest.approx((50 - 50 * 0.025 / 0.104, 100 * 0.025 / 0.104), abs=0.01)
    assert (cup.line, cup.noise) == (None, None)
    assert mean.kind == "no-evidence"
    assert cup.kind == "too-few-photos"


def test_all_marks_are_on_the_axis() -> None:
    rows = [*many_rows([f"class {k}" for k in range(60)]), row("Giant", 0.9, 0.5)]
    charts = prove_charts([finding(rows)])
    assert charts.compressed
    for one in (one for group in charts.findings[0].groups for one in group.rows):
        assert one.mark is not None
        assert 0 <= one.mark <= 100
        assert one.line is None or (one.line.left >= 0 and sum(one.line) <= 100.01)
    assert charts.findings[0].tall


def test_names_stay_text(boxes: Path, tmp_path: Path) -> None:
    rows = [usual_rows()[0], row(HOSTILE_CLASS, 0.1, 0.2), row("bell\u0007", 0.1, 0.2)]
    made = [finding(rows, arm=HOSTILE_CLASS, against=("<b>",)), finding(rows, arm="배터리")]
    page = shown(boxes, tmp_path, made)
    assert [tag for tag, _ in page.tags].count("script") == 3
    assert HOSTILE_CLASS in page.text
    assert "against <b>" in page.text
    assert "bell\\x07" in page.text
    assert "배터리" in page.text


def test_without_the_option_there_is_no_section(
    boxes: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    written(tmp_path / "prove", [finding()])
    page = page_of(boxes, tmp_path)
    assert "What helps" not in page.words
    assert not any(a.get("href") == "#prove" for _, a in page.tags)


def test_command(boxes: Path, tmp_path: Path, run_cli: RunCli) -> None:
    written(tmp_path / "proven", [finding()])
    done = run_cli("report", "--data", boxes, "--prove", "proven", "--json-summary")
    assert done.returncode == 0, done.stderr
    inputs = json.loads(done.stdout)["inputs"]
    assert "proven/prove.json" in [one["name"] for one in inputs]
    again = run_cli("report", "--data", boxes, "--prove", "prove", "--out", "x.html")
    assert again.returncode == 2
    assert "--prove prove: expected the folder of 'trashdata prove', found no prove.json" in (
        again.stderr
    )


def nothing(path: Path) -> None:
    path.unlink()


def empty(path: Path) -> None:
    path.write_bytes(b"")


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:300])


def not_text(path: Path) -> None:
    path.write_bytes(b'{"findings": [{"arm": "\xff"}]}')


def other_file(path: Path) -> None:
    write_json(path, {"iou": {}})


def odd_rows(path: Path) -> None:
    content = json.loads(path.read_text(encoding="utf-8"))
    content["findings"][0]["rows"][1]["verdict"] = "perhaps"
    write_json(path, content)


def huge_number(path: Path) -> None:
    path.write_text(path.read_text(encoding="utf-8").replace("0.114", "1e999"), encoding="utf-8")


def nan_number(path: Path) -> None:
    path.write_text(path.read_text(encoding="utf-8").replace("0.114", "NaN"), encoding="utf-8")


def no_findings(path: Path) -> None:
    write_json(path, {"findings": []})


def deep(path: Path) -> None:
    path.write_text('{"findings": ' + "[" * 100_000 + "]" * 100_000 + "}", encoding="utf-8")


def folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


DAMAGE: dict[Callable[[Path], None], str] = {
    nothing: "found no prove.json there; make one with 'trashdata prove'",
    empty: "found Input data was truncated",
    cut: "found Input data was truncated",
    not_text: "found ",
    other_file: "missing required field `findings`",
    odd_rows: "Invalid enum value 'perhaps'",
    huge_number: "found ",
    nan_number: "found JSON is malformed",
    no_findings: "found no findings",
    deep: "found ",
    folder: "found ",
}


@pytest.mark.parametrize("damage", DAMAGE, ids=lambda one: one.__name__)
def test_damaged_files_are_refused(
    damage: Callable[[Path], None], boxes: Path, tmp_path: Path
) -> None:
    made = written(tmp_path / "prove", [finding()])
    damage(made / "prove.json")
    before = tree(boxes), tree(tmp_path)
    with pytest.raises(UserError) as caught:
        report(boxes, ReportOptions(out=tmp_path / "x.html", prove=made))
    assert (tree(boxes), tree(tmp_path)) == before
    assert DAMAGE[damage] in str(caught.value)
    assert "prove" in caught.value.where


def test_bytes_of_the_file_are_kept(tmp_path: Path) -> None:
    made = written(tmp_path / "proven", [finding()])
    charts, files = read_prove(made)
    assert files == {"proven/prove.json": (made / "prove.json").read_bytes()}
    assert not math.isnan(charts.ticks[0][0])
