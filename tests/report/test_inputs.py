"""``trashdata report``: folds and runs that it shows, and what it refuses."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from helpers.coco import load, tree
from helpers.processes import RunCli
from helpers.report import box_set, make_run, mixed_set, page_of, read_page, write_json

from trashdata.errors import UserError
from trashdata.report import ReportOptions, report


@pytest.fixture(scope="module")
def mixed(sample_set: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return mixed_set(sample_set, tmp_path_factory.mktemp("mixed") / "data")


@pytest.fixture
def boxes(tmp_path: Path) -> Path:
    folder = tmp_path / "boxes"
    write_json(folder / "train_all.json", box_set(folder))
    return folder


# --- folds and runs -------------------------------------------------------------------------


def test_folds_that_lie_beside(mixed: Path, tmp_path: Path, run_cli: RunCli) -> None:
    data = Path(shutil.copytree(mixed, tmp_path / "data"))
    done = run_cli("kfold", "--data", data, "--folds", 3, "--group-by", "none", "--quiet")
    assert done.returncode == 0, done.stderr
    content = load(data / "kfold_report.json")
    page = page_of(data, tmp_path)
    assert "Folds of train_all.json" in page.words
    row = next(row for row in content["classes"] if row["class"] == "Paper")
    shares = " ".join(f"{100 * share:.1f}" for share in row["shares"]["photos"])
    assert f"Paper {row['photos']} {row['objects']} {shares}" in page.words
    assert "Folds of" not in page_of(mixed, tmp_path).words


def test_a_training_run(boxes: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    make_run(tmp_path / "runs" / "exp7")
    outcome = report(boxes, ReportOptions(out=Path("page.html"), run="exp7"))
    page = read_page(tmp_path / "page.html")
    words = page.words
    assert "Training run exp7" in words
    assert "mIoU 0.701" in words
    assert "3 of 3" in words
    assert "background 72.0 Paper 68.2" in words
    assert "Paper 25 75" in words
    assert next(a["alt"] for tag, a in page.tags if tag == "img")
    paths = [a["d"] for tag, a in page.tags if tag == "path"]
    assert len(paths) == 1 + 2 + 3
    assert {"exp7/metrics.csv", "exp7/results.json"} <= outcome.inputs.keys()


def test_a_run_that_goes_on_has_curves(boxes: Path, tmp_path: Path) -> None:
    run = make_run(tmp_path / "exp")
    for name in ("results.json", "photos.png", "run.json"):
        (run / name).unlink()
    words = page_of(boxes, tmp_path, run=str(run)).words
    assert "mIoU of the last epoch 0.600" in words
    assert "Confusion matrix" not in words


# --- what is refused ------------------------------------------------------------------------


def cut_metrics(run: Path) -> None:
    (run / "metrics.csv").write_text("epoch,loss\n1,0.5\n", encoding="utf-8")


def empty_metrics(run: Path) -> None:
    (run / "metrics.csv").write_bytes(b"")


def odd_metrics(run: Path) -> None:
    (run / "metrics.csv").write_bytes(b"epoch,loss,miou,lr\n1,\xff,0,0\n")


def ragged_matrix(run: Path) -> None:
    content = load(run / "results.json") | {"confusion": [[1, 2, 3], [1], []]}
    write_json(run / "results.json", content)


def no_results(run: Path) -> None:
    (run / "results.json").write_text("[]", encoding="utf-8")


def no_sheet(run: Path) -> None:
    (run / "photos.png").write_bytes(b"no picture")


BROKEN_RUNS = {
    "metrics.csv: expected what 'trashdata train' writes, found no column miou": cut_metrics,
    "found no column epoch": empty_metrics,
    "codec can't decode": odd_metrics,
    "found a confusion matrix that does not have 3 x 3 numbers": ragged_matrix,
    "results.json: expected what 'trashdata train' writes": no_results,
    "photos.png: expected what 'trashdata train' writes": no_sheet,
}


def refused(data: Path, out: Path, *, overwrite: bool = False, **options: Any) -> str:
    """The sentence; nothing may be written."""
    before = tree(data), tree(out.parent)
    with pytest.raises(UserError) as caught:
        report(data, ReportOptions(out=out, **options), overwrite=overwrite)
    assert (tree(data), tree(out.parent)) == before
    return str(caught.value)


@pytest.mark.parametrize("part", BROKEN_RUNS)
def test_broken_runs_are_refused(part: str, boxes: Path, tmp_path: Path) -> None:
    damage: Callable[[Path], None] = BROKEN_RUNS[part]
    run = make_run(tmp_path / "exp")
    damage(run)
    assert part in refused(boxes, tmp_path / "x.html", run=str(run))


def test_unknown_runs_are_refused(
    boxes: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert "train one with 'trashdata train'" in refused(boxes, tmp_path / "x.html", run="exp")
    make_run(tmp_path / "runs" / "exp2")
    assert "did you mean 'exp2'?" in refused(boxes, tmp_path / "x.html", run="exp")


def test_existing_pages_are_replaced_only_if_ours(boxes: Path, tmp_path: Path) -> None:
    out = tmp_path / "page.html"
    report(boxes, ReportOptions(out=out))
    assert "page.html: expected a new file" in refused(boxes, out)
    report(boxes, ReportOptions(out=out), overwrite=True)
    out.write_text("<!doctype html><p>Holiday", encoding="utf-8")
    assert "did not make" in refused(boxes, out, overwrite=True)


@pytest.mark.parametrize(
    ("options", "part"),
    [
        ({"out": "page.pdf"}, "a name that ends in .html"),
        ({"out": "../page.html"}, "that leaves it"),
        ({"out": "nowhere/page.html"}, "no folder nowhere"),
        ({"num": 0}, "--num: expected 1 to 5,000"),
        ({"num": 5001}, "--num: expected 1 to 5,000"),
        ({"json": "nothing.json"}, "no such file"),
        ({"compare": "nothing.json"}, "no such file"),
    ],
)
def test_mistakes_are_refused(
    options: dict[str, Any], part: str, boxes: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)
    with pytest.raises(UserError) as caught:
        report(boxes, ReportOptions(**{"out": Path("page.html"), **options}))
    assert part in str(caught.value)
    assert list(work.iterdir()) == []


def test_a_broken_fold_report_is_refused(boxes: Path, tmp_path: Path) -> None:
    write_json(boxes / "kfold_report.json", {"classes": []})
    assert "expected the report of 'trashdata kfold'" in refused(boxes, tmp_path / "x.html")
