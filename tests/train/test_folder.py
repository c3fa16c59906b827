"""The folder that a run trains in: one process makes it, one process trains in it."""

from __future__ import annotations

from pathlib import Path

import pytest
from trashdata.train.options import TrainOptions
from trashdata.train.run_folder.about import about_run, read_about
from trashdata.train.run_folder.folder import TrainingFolder, free_folder
from trashdata.train.run_folder.photos import TrainedPhotos
from trashdata.train.run_folder.resuming import find_resumable, resumed_options

from trashdata.errors import UserError


def new_folder(runs: Path) -> TrainingFolder:
    return TrainingFolder(free_folder("exp", runs), "exp")


def start(folder: TrainingFolder, options: TrainOptions | None = None) -> None:
    folder.start(about_run(options or TrainOptions(), {}, ["Paper"], None), TrainedPhotos())


def test_two_runs_that_saw_the_same_free_name_train_in_two_folders(tmp_path: Path) -> None:
    one, two = new_folder(tmp_path / "runs"), new_folder(tmp_path / "runs")
    assert one.path == two.path
    with one, two:
        start(one)
        start(two)
        assert (one.path.name, two.path.name) == ("exp", "exp2")
    assert sorted(path.name for path in one.path.iterdir()) == [
        "config.toml",
        "photos.json",
        "run.json",
    ]
    assert (two.path / "run.json").is_file()


def test_a_run_that_fails_before_it_starts_leaves_nothing(tmp_path: Path) -> None:
    def fail(folder: TrainingFolder) -> None:
        with folder:
            assert folder.path.is_dir()
            raise RuntimeError("no such device")

    with pytest.raises(RuntimeError, match="no such device"):
        fail(new_folder(tmp_path / "runs"))
    assert not (tmp_path / "runs").exists()


def fail_after_start(runs: Path, file: str, error: BaseException) -> None:
    with new_folder(runs) as folder:
        start(folder)
        (folder.path / file).parent.mkdir(parents=True, exist_ok=True)
        (folder.path / file).touch()
        raise error


@pytest.mark.parametrize("error", [UserError, RuntimeError, KeyboardInterrupt])
def test_only_an_interrupted_run_is_kept_without_an_epoch(
    error: type[BaseException], tmp_path: Path
) -> None:
    sentence = {"where": "", "expected": "", "found": "", "advice": ""}
    raised = UserError(**sentence) if error is UserError else error()
    with pytest.raises(error):
        fail_after_start(tmp_path / "runs", "wandb/run/log", raised)
    kept = (tmp_path / "runs" / "exp" / "run.json").exists()
    assert kept == (error is KeyboardInterrupt)
    assert (tmp_path / "runs").exists() == kept


def test_a_failed_run_keeps_its_epochs_and_the_files_of_others(tmp_path: Path) -> None:
    for name in ("metrics.csv", "notes.txt"):
        with pytest.raises(RuntimeError):
            fail_after_start(tmp_path / "runs", name, RuntimeError())
    found = sorted(path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.*"))
    assert found == [
        "runs/exp/config.toml",
        "runs/exp/metrics.csv",
        "runs/exp/photos.json",
        "runs/exp/run.json",
        "runs/exp2/notes.txt",
    ]


def test_only_one_process_goes_on_with_a_run(tmp_path: Path) -> None:
    with new_folder(tmp_path) as training:
        start(training)
        resumed = TrainingFolder(find_resumable("exp", tmp_path))
        with (
            pytest.raises(UserError, match=r"--resume exp: .* found another process"),
            resumed,
        ):
            pass
    with resumed:
        assert resumed.path == training.path
    assert (training.path / "run.json").is_file()


def test_a_process_that_helps_to_train_makes_no_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOCAL_RANK", "1")
    with new_folder(tmp_path / "runs"):
        assert not (tmp_path / "runs").exists()


def test_a_run_does_not_hold_that_it_was_resumed(tmp_path: Path) -> None:
    with new_folder(tmp_path) as folder:
        start(folder, TrainOptions(lr=0.5, resume="earlier"))
    assert "resume" not in read_about(folder.path).options
    assert "resume" not in (folder.path / "config.toml").read_text(encoding="utf-8")
    given = TrainOptions(resume="exp", devices="2", epochs=3)
    options = resumed_options(folder.path, given, frozenset({"devices", "resume"}))
    assert options == TrainOptions(lr=0.5, devices="2", resume="exp")
