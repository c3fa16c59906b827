"""A comparison from files to tables, with a runner that trains nothing."""

from __future__ import annotations

import json
import shutil
import tomllib
from pathlib import Path
from typing import Any

import pytest
from helpers.coco import load
from helpers.processes import RunCli
from prove.stub_runner import StubRunner

from trashdata.console import Reporter
from trashdata.errors import UserError
from trashdata.outcome import Outcome
from trashdata.paths import DataFolders
from trashdata.prove import ProveOptions, prove
from trashdata.prove.files import RESULTS
from trashdata.prove.report import command_lines
from trashdata.prove.run import plan_of

MODEL: dict[str, Any] = {
    "arch": "FPN",
    "encoder": "tu-test_efficientnet",
    "encoder_weights": "none",
    "size": 64,
    "decoder_channels": 32,
}
pytestmark = pytest.mark.usefixtures("here")

QUALITY = {"plain": 0.50, "background-only": 0.51, "sampling": 0.47, "copy-paste": 0.60}


def options(**changes: Any) -> ProveOptions:
    return ProveOptions(**{**MODEL, "val": "val.json", "seeds": 3, "steps": (40,), **changes})


def run(data: Path, runner: StubRunner, **changes: Any) -> Outcome:
    return prove(data, options(**changes), workers=2, runner=runner)


def rows(outcome: Outcome, arm: str) -> dict[str, dict[str, Any]]:
    (found,) = (one for one in outcome.figures["findings"] if one["arm"] == arm)
    return {row["name"]: row for row in found["rows"]}


def test_differences_are_those_of_the_runs(many: Path) -> None:
    outcome = run(many, StubRunner(QUALITY))
    assert outcome.counts == {"runs": 12, "trained": 12}
    # IoU of a share q of the pixels, where as many are predicted as are true.
    expected = {arm: q / (2 - q) for arm, q in QUALITY.items()}
    pasted = rows(outcome, "copy-paste")["mean"]
    assert pasted["mean"] == pytest.approx(
        expected["copy-paste"] - expected["background-only"], abs=0.005
    )
    assert pasted["verdict"] == "helps"
    sampled = rows(outcome, "sampling")["mean"]
    assert sampled["mean"] == pytest.approx(expected["sampling"] - expected["plain"], abs=0.005)
    assert sampled["verdict"] == "hurts"
    by_arm = {one["arm"]: one["against"] for one in outcome.figures["findings"]}
    assert by_arm == {
        "background-only": ["plain"],
        "sampling": ["plain"],
        "copy-paste": ["plain", "background-only"],
    }


@pytest.mark.parametrize(
    "last", [5, *(pytest.param(k, marks=pytest.mark.slow) for k in range(12) if k != 5)]
)
def test_stopped_and_started_again_it_repeats_nothing(many: Path, here: Path, last: int) -> None:
    def stop(trained: int) -> None:
        if trained >= last:
            raise KeyboardInterrupt

    first, second = StubRunner(QUALITY, stop), StubRunner(QUALITY)
    with pytest.raises(KeyboardInterrupt):
        run(many, first, out=Path("stopped"))
    run(many, second, out=Path("stopped"))
    together = [*first.trained, *second.trained]
    assert len(together) == len(set(together)) == 12
    run(many, StubRunner(QUALITY), out=Path("whole"))
    assert (here / "stopped/prove.json").read_bytes() == (here / "whole/prove.json").read_bytes()


def test_again_nothing_is_run_and_it_is_the_same_look(many: Path) -> None:
    first = run(many, StubRunner(QUALITY))
    again = StubRunner(QUALITY)
    second = run(many, again)
    assert (again.trained, again.checked, again.measured) == ([], [], 0)
    assert second.figures == first.figures


def test_more_seeds_are_added_and_are_a_second_look(many: Path) -> None:
    run(many, StubRunner(QUALITY))
    more = StubRunner(QUALITY)
    outcome = run(many, more, seeds=5)
    assert len(more.trained) == 8
    (found,) = (one for one in outcome.figures["findings"] if one["arm"] == "sampling")
    assert (found["seeds"], found["look"]) == (5, 2)
    assert {row["name"]: row["level"] for row in found["rows"]}["mean"] == 0.025


def test_other_seeds_are_a_second_look_as_well(many: Path) -> None:
    run(many, StubRunner(QUALITY), arm=("sampling",))
    outcome = run(many, StubRunner(QUALITY), arm=("sampling",), seed=100)
    assert outcome.figures["findings"][0]["look"] == 2


def test_other_folds_are_a_second_look_as_well(many: Path) -> None:
    for seed, look in ((1, 1), (50, 2)):
        outcome = run(many, StubRunner(QUALITY), val=None, arm=("sampling",), seed=seed)
        assert outcome.figures["findings"][0]["look"] == look


@pytest.mark.parametrize("table", ["copy-paste", "pseudo"])
def test_other_bytes_of_a_photo_that_an_arm_names_are_another_run(
    many: Path, here: Path, table: str
) -> None:
    data = Path(shutil.copytree(many, here / "data"))
    shutil.copyfile(data / "test.json", data / "pool.json")
    if table == "copy-paste":
        shutil.copytree(data, here / "pool")
        shutil.copyfile(data / "train.json", data / "pool.json")
    key = {
        "copy-paste": 'donors = "pool.json"\ndonor-images = "pool"',
        "pseudo": 'json = "pool.json"',
    }
    (here / "arms.toml").write_text(f"[arm.a.{table}]\n{key[table]}\n")
    chosen = {"arms": Path("arms.toml"), "arm": ("a",), "patch": ("Paper",)}
    quality = {**QUALITY, "a": 0.5}
    run(data, StubRunner(quality), **chosen)
    root = here / "pool" if table == "copy-paste" else data
    name = load(data / "pool.json")["images"][0]["file_name"]
    with (root / name).open("ab") as photo:
        photo.write(b"\0")
    again = StubRunner(quality)
    run(data, again, **chosen)
    assert len(again.trained) == 3


def test_other_weights_in_a_file_are_another_run(many: Path, here: Path) -> None:
    (here / "weights.json").write_text('{"Paper": 2}')
    (here / "arms.toml").write_text('[arm.a.train]\nclass-weights = "weights.json"\n')
    chosen = {"arms": Path("arms.toml"), "arm": ("a",)}
    quality = {**QUALITY, "a": 0.5}
    run(many, StubRunner(quality), **chosen)
    (here / "weights.json").write_text('{"Paper": 3}')
    again = StubRunner(quality)
    run(many, again, **chosen)
    assert len(again.trained) == 3


def test_faults_of_arms_are_told_before_photos_are_read(many: Path, here: Path) -> None:
    data = Path(shutil.copytree(many, here / "data"))
    (data / load(data / "train.json")["images"][0]["file_name"]).unlink()
    with pytest.raises(UserError, match="--arm sampler: expected an arm"):
        run(data, StubRunner(QUALITY), arm=("sampler",))


def test_an_arm_under_another_name_has_the_same_runs(many: Path, here: Path) -> None:
    file = here / "arms.toml"
    file.write_text('[arm.again]\n[arm.again.train]\nsampler = "rare"\n')
    run(many, StubRunner(QUALITY))
    runner = StubRunner(QUALITY)
    outcome = run(many, runner, arm=("again",), arms=file)
    assert runner.trained == []
    assert rows(outcome, "again")["mean"]["mean"] == pytest.approx(0.47 / 1.53 - 1 / 3, abs=0.005)


def test_another_option_is_another_run(many: Path) -> None:
    run(many, StubRunner(QUALITY), arm=("sampling",))
    for changes in ({"steps": (41,)}, {"lr": 0.5}, {"seed": 100}, {"val": "test.json"}):
        if "val" in changes and not json.loads((many / "test.json").read_text())["annotations"]:
            continue
        runner = StubRunner(QUALITY)
        run(many, runner, arm=("sampling",), **changes)
        assert len(runner.trained) == 6, changes


def test_folds_are_stacked(many: Path) -> None:
    runner = StubRunner(QUALITY)
    outcome = run(many, runner, val=None, folds=3, arm=("sampling",))
    images = len(json.loads((many / "train_all.json").read_text())["images"])
    assert outcome.figures["findings"][0]["photos"] == images
    assert len(runner.trained) == 2 * 3 * 3
    assert rows(outcome, "sampling")["mean"]["verdict"] == "hurts"


def test_a_budget_chooses_the_steps_once(many: Path) -> None:
    runner = StubRunner(QUALITY)
    # 6 runs on 2 lanes are 3 after each other, of 100 s each: 3 s around 97 s of steps.
    outcome = run(many, runner, steps=None, budget="300s", arm=("sampling",))
    assert runner.measured == 4
    assert outcome.figures["findings"][0]["steps"] == 190
    more = StubRunner(QUALITY)
    longer = run(many, more, steps=None, budget="300s", arm=("sampling",), seeds=5)
    assert longer.figures["findings"][0]["steps"] == 190
    assert len(more.trained) == 4


def test_a_budget_that_is_too_small_says_which_is_enough(many: Path) -> None:
    with pytest.raises(UserError, match=r"--budget 20s.*pass --budget 3m"):
        run(many, StubRunner(QUALITY), steps=None, budget="20s", arm=("sampling",))


def test_several_lengths_are_compared_each_by_itself(many: Path) -> None:
    outcome = run(many, StubRunner(QUALITY), steps=(40, 80), arm=("sampling",))
    assert [one["steps"] for one in outcome.figures["findings"]] == [40, 80]
    assert outcome.counts["runs"] == 12


def test_results_are_by_photo(many: Path, here: Path) -> None:
    run(many, StubRunner(QUALITY), arm=("sampling",))
    content = json.loads((here / "prove/prove.json").read_text())
    scores = content["scores"]["40"]["plain"]
    assert scores["seeds"] == [1, 2, 3]
    assert scores["iou"][0]["mean"] == pytest.approx(1 / 3, abs=0.01)
    assert set(content["arms"]) == {"plain", "sampling"}


def test_a_dry_run_writes_nothing(many: Path, here: Path) -> None:
    runner = StubRunner(QUALITY)
    outcome = prove(many, options(), workers=2, runner=runner, dry_run=True)
    assert list(here.iterdir()) == []
    assert (len(runner.checked), runner.trained) == (4, [])
    assert outcome.counts == {"runs": 12, "missing": 12}


def test_an_error_leaves_no_folder(many: Path, here: Path) -> None:
    with pytest.raises(UserError, match="--arm nothing"):
        run(many, StubRunner(QUALITY), arm=("nothing",))
    assert list(here.iterdir()) == []


@pytest.mark.parametrize("name", ["mine.txt", "README.txt", "prove.json"])
def test_a_foreign_folder_is_refused(many: Path, here: Path, name: str) -> None:
    (here / "prove").mkdir()
    (here / "prove" / name).write_text("mine")
    for dry_run in (False, True):
        with pytest.raises(UserError, match=f"holds {name}"):
            prove(many, options(), runner=StubRunner(QUALITY), dry_run=dry_run)
    assert [path.name for path in (here / "prove").iterdir()] == [name]


def test_random_weights_are_warned_of(many: Path) -> None:
    reporter = Reporter()
    prove(many, options(arm=("sampling",)), runner=StubRunner(QUALITY), reporter=reporter)
    assert any("random weights" in warning for warning in reporter.warnings)


def test_kept_results_hold_every_photo(many: Path, here: Path) -> None:
    runner = StubRunner(QUALITY)
    run(many, runner, arm=("sampling",))
    files = sorted((here / "prove" / RESULTS).iterdir())
    assert [file.stem for file in files] == sorted(runner.trained)


def test_a_damaged_result_is_named(many: Path, here: Path) -> None:
    run(many, StubRunner(QUALITY), arm=("sampling",))
    file = next((here / "prove" / RESULTS).iterdir())
    file.write_bytes(file.read_bytes()[:100])
    with pytest.raises(UserError, match=file.name):
        run(many, StubRunner(QUALITY), arm=("sampling",))
    file.unlink()
    again = StubRunner(QUALITY)
    run(many, again, arm=("sampling",))
    assert again.trained == [file.stem]


def test_the_best_arm_becomes_a_config_that_train_takes(
    many: Path, here: Path, run_cli: RunCli
) -> None:
    run(many, StubRunner(QUALITY), patch=("Paper",), lr=0.002)
    config = here / "prove/trashdata.toml"
    tables = tomllib.loads(config.read_text())
    assert tables["train"]["paste"] == 0.5
    assert (tables["train"]["arch"], tables["train"]["lr"]) == ("FPN", 0.002)
    assert tables["copy-paste"] == {"patch": ["Paper"]}
    words = ("train", "--data", many, "--config", config, "--dry-run", "--json-summary")
    done = run_cli(*words)
    assert done.returncode == 0, done.stderr
    options = json.loads(done.stdout)["options"]
    assert (options["paste"], options["lr"], options["keep"]) == (0.5, 0.002, "best")


def test_without_a_better_arm_there_is_no_config(many: Path, here: Path) -> None:
    run(many, StubRunner({**QUALITY, "copy-paste": 0.60}), arm=("copy-paste",))
    assert (here / "prove/trashdata.toml").exists()
    run(many, StubRunner(QUALITY), arm=("sampling",))
    assert not (here / "prove/trashdata.toml").exists()


ARM_FILES = """
[arm.counted]
share = 0.3
[arm.counted.copy-paste]
num = 5

[arm.repeats.oversample]
repeat-factor = "auto"

[arm.labelled.pseudo]
json = "test.json"
"""


@pytest.mark.parametrize(
    ("arm", "val", "lines"),
    [
        (
            "counted",
            "val.json",
            [
                "copy-paste",
                "train --train train.json --train copy_paste.json --val val.json",
            ],
        ),
        ("repeats", "val.json", ["oversample", "train --train repeats.json --val val.json"]),
        (
            "labelled",
            "val.json",
            [
                "train --train train.json --val val.json",
                "pseudo --json test.json",
                "train --train train.json --train pseudo.json --val val.json",
            ],
        ),
        (
            "counted",
            None,
            [
                "kfold --json train_all.json --folds 3 --group-by folder --seed 1",
                "copy-paste --fold 0",
                "train --train kfold_0_train.json --train copy_paste_0.json --val kfold_0_val.json",
            ],
        ),
        (
            "repeats",
            None,
            [
                "kfold --json train_all.json --folds 3 --group-by folder --seed 1",
                "oversample --fold 0",
                "train --train repeats_0.json --val kfold_0_val.json",
            ],
        ),
        (
            "sampling",
            None,
            [
                "kfold --json train_all.json --folds 3 --group-by folder --seed 1",
                "train --fold 0",
            ],
        ),
    ],
)
def test_commands_that_do_what_an_arm_did(
    many: Path, here: Path, arm: str, val: str | None, lines: list[str]
) -> None:
    (here / "arms.toml").write_text(ARM_FILES)
    group_by = "folder" if val is None else "auto"
    chosen = options(arm=(arm,), arms=Path("arms.toml"), val=val, group_by=group_by)
    plan, _ = plan_of(DataFolders.of(many), chosen, here / "out", 1, Reporter())
    same = f" --data {many} --config 'prove/a b.toml'"
    expected = [f"trashdata {line}{same}" for line in lines]
    assert command_lines(plan.arms[-1], plan, Path("prove/a b.toml")) == expected
