"""A search and its confirmation, with a runner that trains nothing."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Any
from zlib import crc32

import numpy as np
import pytest
from helpers.coco import load, rewrite
from helpers.reporters import Notes
from PIL import Image

from trashdata.comparison import Result, save
from trashdata.console import Reporter
from trashdata.errors import UserError
from trashdata.outcome import Outcome
from trashdata.prove import ProveOptions, prove
from trashdata.prove.grid import GRID
from trashdata.prove.trial_process import Answer, Job
from trashdata.prove.trials import Trial

MODEL: dict[str, Any] = {
    "arch": "FPN",
    "encoder": "tu-test_efficientnet",
    "encoder_weights": "none",
    "size": 64,
    "decoder_channels": 32,
}
CONTROLS = {"plain": 0.5, "background-only": 0.5}
NAMES = [line.name for line in GRID]
BEST = "natural-row-0.25-rare-gaussian-6"
# Each one a little better than the one before, but for the best.
QUALITY = {
    **CONTROLS,
    **{name: 0.4 + 0.004 * k for k, name in enumerate(NAMES)},
    BEST: 0.6,
}
IN_SEARCH = 24 + 12 + 6 + 3 + 4
IN_ALL = IN_SEARCH + 3 * 3

pytestmark = pytest.mark.usefixtures("here")


@dataclass
class Stub:
    """A `Runner`: what a run finds of each class on each photo is the arm's quality, and noise.

    ``stop``: called before each run with the number of runs so far.
    """

    quality: Mapping[str, float]
    noise: float = 0.001
    stop: Callable[[int], None] = lambda _: None
    trials: list[Trial] = field(default_factory=list)
    checked: list[Trial] = field(default_factory=list)
    lock: Any = field(default_factory=Lock)

    def __call__(self, job: Job, lane: int) -> Answer:  # noqa: ARG002
        with self.lock:
            seconds = 0.5 * job.trial.steps
            if job.check:
                self.checked.append(job.trial)
            elif job.keep:
                self.stop(len(self.trials))
                self.trials.append(job.trial)
                found = self._result(job.trial)
                save(Path(job.results), job.trial.content, found)
            return Answer(seconds, seconds + 3)

    def _result(self, trial: Trial) -> Result:
        document = load(Path(trial.data) / trial.val)
        names = [image["file_name"] for image in document["images"]]
        shape = len(names), 1 + len(document["categories"])
        # Not by the trial's key, which other versions of libraries change.
        rng = np.random.default_rng(crc32(f"{trial.arm} {trial.seed} {trial.steps}".encode()))
        # As runs have it: the seed of an arm moves all photos alike.
        share = self.quality[trial.arm] + self.noise * (
            rng.standard_normal() + rng.standard_normal(shape)
        )
        hits = np.rint(10_000 * share.clip(0, 1)).astype(np.int64)
        whole = np.full_like(hits, 10_000)
        counts = np.stack([hits, whole, whole], axis=-1)
        return Result(tuple(names), counts, np.full(shape[1] - 1, 0.5))

    def searching(self) -> list[Trial]:
        return [trial for trial in self.trials if trial.seed > 1000]

    def confirming(self) -> list[Trial]:
        return [trial for trial in self.trials if trial.seed <= 1000]


def options(**changes: Any) -> ProveOptions:
    usual = {**MODEL, "search": True, "val": "val.json", "seeds": 3, "steps": (80,)}
    return ProveOptions(**{**usual, **changes})


def run(
    data: Path,
    stub: Stub,
    reporter: Reporter | None = None,
    *,
    dry_run: bool = False,
    **changes: Any,
) -> Outcome:
    return prove(
        data, options(**changes), workers=2, runner=stub, reporter=reporter, dry_run=dry_run
    )


def photos(trial: Trial, *parts: str) -> set[str]:
    documents = [load(Path(trial.data) / getattr(trial, part)) for part in parts]
    return {image["file_name"] for one in documents for image in one["images"]}


def of(*trials: Trial) -> set[tuple[str, int, int]]:
    return {(trial.arm, trial.seed, trial.steps) for trial in trials}


@dataclass
class Done:
    """A search that nothing stopped."""

    stub: Stub
    heard: Notes
    outcome: Outcome
    out: Path


@pytest.fixture(scope="module")
def done(many: Path, tmp_path_factory: pytest.TempPathFactory) -> Done:
    stub, heard = Stub(QUALITY), Notes()
    out = tmp_path_factory.mktemp("done") / "prove"
    return Done(stub, heard, run(many, stub, heard, out=out), out)


@pytest.fixture
def again(done: Done, here: Path) -> None:
    """Its folder, as the one of the next call."""
    shutil.copytree(done.out, here / "prove")


def test_the_best_wins_and_only_its_comparison_is_found(done: Done) -> None:
    outcome, heard = done.outcome, done.heard
    (finding,) = outcome.figures["findings"]
    assert (finding["arm"], finding["against"]) == (BEST, ["plain", "background-only"])
    assert (finding["steps"], finding["seeds"], finding["look"]) == (80, 3, 1)
    mean = next(row for row in finding["rows"] if row["family"] == "mean")
    # IoU of a share q of the pixels, where as many are predicted as are true.
    assert mean["mean"] == pytest.approx(0.6 / 1.4 - 0.5 / 1.5, abs=0.005)
    assert mean["verdict"] == "helps"
    assert outcome.counts == {"runs": IN_ALL, "trained": IN_ALL}
    content = json.loads((done.out / "prove.json").read_text())
    assert content["search"] == json.loads(json.dumps(outcome.figures["search"]))
    assert set(content["arms"]) == {"plain", "background-only", BEST}
    config = (done.out / "trashdata.toml").read_text()
    assert 'place = "row"' in config
    assert "paste = 0.25" in config
    (title,) = (title for title in heard.tables if title.startswith("Search, not a result"))
    header, *rows = heard.tables[title]
    assert header == ["candidate", "20", "40", "80", "×2", "×4"]
    assert rows[0][0] == BEST
    assert [len(row) - row.count("") for row in rows] == [6, 6, 5, 4, 4, 4, *6 * [3]]
    assert float(rows[0][-1]) == pytest.approx(100 * 0.6 / 1.4, abs=0.5)


def test_rungs_train_who_is_left(done: Done) -> None:
    stub, outcome = done.stub, done.outcome
    order = sorted(NAMES, key=lambda name: -QUALITY[name])
    expected = {
        *((name, 1001, 20) for name in NAMES),
        *((name, 1002, 40) for name in order[:12]),
        *((name, 1003, 80) for name in order[:6]),
        *((name, 1004, 80) for name in order[:3]),
        *((name, seed, 80) for name in order[:2] for seed in (1005, 1006)),
    }
    assert of(*stub.searching()) == expected
    assert len(stub.searching()) == len(expected) == IN_SEARCH
    found = outcome.figures["search"]["rungs"]
    assert [set(rung["scores"]) for rung in found] == [
        set(order[:left]) for left in (24, 12, 6, 3, 2)
    ]
    assert found[3]["tries"] == [{"fold": 2, "seed": 1003}, {"fold": 0, "seed": 1004}]
    expected_of_confirmation = {
        (name, seed, 80) for name in ("plain", "background-only", BEST) for seed in (1, 2, 3)
    }
    assert of(*stub.confirming()) == expected_of_confirmation


def test_with_a_file_the_search_sees_none_of_its_photos(many: Path, done: Done) -> None:
    stub, outcome = done.stub, done.outcome
    held_out = {image["file_name"] for image in load(many / "val.json")["images"]}
    training = {image["file_name"] for image in load(many / "train.json")["images"]}
    for trial in stub.searching():
        assert photos(trial, "train").isdisjoint(photos(trial, "val"))
        assert photos(trial, "train", "val") == training
    for trial in stub.confirming():
        assert (photos(trial, "train"), photos(trial, "val")) == (training, held_out)
    assert held_out.isdisjoint(training)
    assert outcome.figures["findings"][0]["photos"] == len(held_out)
    assert outcome.figures["search"]["held_out"]["seeds"] == [1, 2, 3]
    # All folds are searched on, and each once.
    scored = {frozenset(photos(trial, "val")) for trial in stub.searching()}
    assert sum(map(len, scored)) == len(training)
    assert frozenset().union(*scored) == training


@pytest.mark.slow
def test_without_a_file_the_first_fold_is_held_out(many: Path) -> None:
    stub, heard = Stub(QUALITY), Notes()
    outcome = run(many, stub, heard, val=None, folds=4)
    every = {image["file_name"] for image in load(many / "train_all.json")["images"]}
    (held_out,) = {frozenset(photos(trial, "val")) for trial in stub.confirming()}
    assert 20 <= len(held_out) <= 30
    for trial in stub.searching():
        assert photos(trial, "train", "val") == every - held_out
    for trial in stub.confirming():
        assert photos(trial, "train") == every - held_out
    (finding,) = outcome.figures["findings"]
    assert (finding["arm"], finding["photos"]) == (BEST, len(held_out))
    (said,) = (note for note in heard.notes if note.startswith("Held out"))
    assert f"the {len(held_out)} photos of fold 0 of 4 of train_all.json, and seeds 1 to 3" in said
    assert f"sees the {len(every - held_out)} training photos alone" in said


def test_groups_are_in_one_fold_of_the_search(many: Path, tmp_path: Path) -> None:
    data = Path(shutil.copytree(many, tmp_path / "data"))

    def name_scenes(content: dict[str, Any]) -> None:
        for k, image in enumerate(content["images"]):
            image["scene"] = f"{content['images'][0]['file_name']}-{k // 3}"

    rewrite(data / "train.json", name_scenes)
    rewrite(data / "val.json", name_scenes)
    stub = Stub(QUALITY)
    run(data, stub, group_by="scene")
    scenes = {image["file_name"]: image["scene"] for image in load(data / "train.json")["images"]}
    for trial in stub.searching():
        sides = [{scenes[name] for name in photos(trial, part)} for part in ("train", "val")]
        assert sides[0].isdisjoint(sides[1])


def test_equal_candidates_are_no_evidence(many: Path) -> None:
    """The winner of a search is lucky there, and not in its comparison."""
    stub = Stub(dict.fromkeys(QUALITY, 0.5), noise=0.03)
    outcome = run(many, stub, seeds=5)
    (finding,) = outcome.figures["findings"]
    rungs = outcome.figures["search"]["rungs"]
    first = sorted(rungs[0]["scores"].values())
    winner = rungs[0]["scores"][outcome.figures["search"]["winner"]]
    assert winner > first[len(first) // 2]
    mean = next(row for row in finding["rows"] if row["family"] == "mean")
    assert mean["verdict"] == "no evidence"


# In and between all rungs and the comparison; one of each is enough for the quick tests.
MOMENTS = [
    pytest.param(moment, marks=() if moment in (30, IN_SEARCH + 1) else pytest.mark.slow)
    for moment in (0, 1, 23, 24, 30, 36, 42, 47, IN_SEARCH, IN_SEARCH + 1, IN_ALL - 1)
]


@pytest.mark.parametrize("moment", MOMENTS)
def test_stopped_and_started_again_it_repeats_nothing(
    many: Path, here: Path, done: Done, moment: int
) -> None:
    def stop(trained: int) -> None:
        if trained >= moment:
            raise KeyboardInterrupt

    first, second = Stub(QUALITY, stop=stop), Stub(QUALITY)
    with pytest.raises(KeyboardInterrupt):
        run(many, first)
    assert len(first.trials) == moment
    outcome = run(many, second)
    together = [trial.key for trial in (*first.trials, *second.trials)]
    assert len(together) == len(set(together)) == IN_ALL
    assert outcome.counts == {"runs": IN_ALL, "trained": IN_ALL - moment}
    assert (here / "prove/prove.json").read_bytes() == (done.out / "prove.json").read_bytes()


@pytest.mark.usefixtures("again")
def test_again_nothing_is_run(many: Path, done: Done) -> None:
    stub = Stub(QUALITY)
    outcome = run(many, stub)
    assert (stub.trials, stub.checked) == ([], [])
    assert outcome.figures == done.outcome.figures


@pytest.mark.usefixtures("again")
def test_more_seeds_search_no_further(many: Path) -> None:
    more = Stub(QUALITY)
    outcome = run(many, more, seeds=5)
    assert of(*more.trials) == {
        (name, seed, 80) for name in ("plain", "background-only", BEST) for seed in (4, 5)
    }
    assert outcome.figures["findings"][0]["look"] == 2


def test_another_control_is_not_compared_with_itself(many: Path) -> None:
    quality = {**QUALITY, "copy-paste": 0.7, NAMES[0]: 0.7}
    stub = Stub(quality)
    outcome = run(many, stub, against="copy-paste")
    (finding,) = outcome.figures["findings"]
    assert (finding["arm"], finding["against"]) == (BEST, ["copy-paste", "background-only"])
    assert NAMES[0] not in {trial.arm for trial in stub.trials}


def test_a_dry_run_shows_the_grid_and_writes_nothing(many: Path, here: Path) -> None:
    stub, heard = Stub(QUALITY), Notes()
    outcome = run(many, stub, heard, dry_run=True)
    assert list(here.iterdir()) == []
    assert stub.trials == []
    # The controls, and each list of pasted classes on each fold.
    assert sorted((trial.arm, trial.fold, trial.seed > 1000) for trial in stub.checked) == sorted(
        [(name, 0, False) for name in CONTROLS]
        + [(name, fold, True) for name in NAMES[:2] for fold in range(3)]
    )
    assert outcome.counts == {"runs": IN_ALL, "missing": IN_ALL}
    assert heard.tables["Candidates"][1:] == [
        [one.size, one.place, f"{one.share}", one.classes, one.blend, f"{one.objects}"]
        for one in GRID
    ]
    said = "\n".join(heard.notes)
    # 24 / 4 + 12 / 2 + 6 + 3 + 4 runs of the full length.
    assert (
        "49 runs, as much work as 25 of 80 steps; the comparison of the winner has 9 more" in said
    )
    (warning,) = (text for text in heard.warnings if "rung" in text)
    assert "20 steps" in warning
    assert "size natural: small-to-large false, large-to-small false, lsj-min 0.8" in said


@pytest.mark.slow
def test_a_budget_is_for_search_and_comparison_together(many: Path) -> None:
    stub = Stub(QUALITY)
    outcome = run(many, stub, steps=None, budget="30m")
    steps = outcome.figures["findings"][0]["steps"]
    # On two lanes, with 3 s around 0.5 s a step.
    waves = [(12, 4), (6, 2), (3, 1), (2, 1), (2, 1), (5, 1)]
    seconds = sum(number * (3 + 0.5 * steps / part) for number, part in waves)
    assert 0.9 * 1800 <= seconds <= 1800
    again = Stub(QUALITY)
    assert run(many, again, steps=None, budget="30m").figures == outcome.figures
    assert again.trials == []
    # Without a search, the same time is enough for longer runs.
    sampling = Stub({**QUALITY, "sampling": 0.5})
    alone = run(many, sampling, steps=None, budget="30m", search=False, arm=("sampling",))
    assert alone.figures["findings"][0]["steps"] > 3 * steps


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"arm": ("sampling",)}, "--search and --arm"),
        ({"arms": Path("arms.toml")}, "--search and --arms"),
        ({"steps": (40, 80)}, "--steps"),
    ],
)
def test_what_does_not_go_with_a_search_is_refused(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(UserError, match=said):
        options(**changes)


def test_a_training_part_without_folds_is_refused(many: Path, tmp_path: Path) -> None:
    data = Path(shutil.copytree(many, tmp_path / "data"))

    def one_scene(content: dict[str, Any]) -> None:
        for image in content["images"]:
            image["scene"] = "same"

    rewrite(data / "train.json", one_scene)
    rewrite(data / "val.json", one_scene)
    stub = Stub(QUALITY)
    with pytest.raises(UserError, match=r"train\.json|--folds|--group-by"):
        run(data, stub, group_by="scene")
    assert stub.trials == []


@pytest.mark.slow
def test_a_class_of_few_objects_is_pasted_only_if_it_is_named(many: Path, tmp_path: Path) -> None:
    data = Path(shutil.copytree(many, tmp_path / "data"))

    def keep_few_batteries(content: dict[str, Any]) -> None:
        (battery,) = (one["id"] for one in content["categories"] if one["name"] == "Battery")
        of_class = [a for a in content["annotations"] if a["category_id"] == battery]
        dropped = {a["id"] for a in of_class[9:]}
        content["annotations"] = [a for a in content["annotations"] if a["id"] not in dropped]

    rewrite(data / "train.json", keep_few_batteries)
    for patch, pasted in ((("Paper",), False), (("Paper", "Battery"), True)):
        outcome = run(data, Stub(QUALITY), patch=patch, out=Path(patch[-1]))
        candidates = outcome.figures["search"]["candidates"]
        everything = candidates["usual-anywhere-0.5-all-gaussian-6"]["patch"]
        assert ("Battery" in everything) == pasted
        assert {"Paper", "Plastic"} <= set(everything)
        assert candidates[BEST]["patch"] == list(patch)


def test_frames_of_a_video_in_the_folds_of_a_search_are_said(many: Path, tmp_path: Path) -> None:
    data = Path(shutil.copytree(many, tmp_path / "data"))
    names = sorted(image["file_name"] for image in load(data / "train.json")["images"])
    rng = np.random.default_rng(0)
    frame = rng.normal(128, 40, (8, 8))
    for name in names:
        frame = 128 + 0.9 * (frame - 128) + rng.normal(0, 17, (8, 8))
        pixels = np.kron(frame.clip(0, 255), np.ones((8, 8))).astype(np.uint8)
        Image.fromarray(pixels).convert("RGB").save(data / name)
    heard = Notes()
    run(data, Stub(QUALITY), heard, dry_run=True)
    said = [text for text in heard.warnings if "frames of a video" in text]
    assert len(said) == 1
    assert "The search's folds" in said[0]
