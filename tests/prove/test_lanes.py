"""Jobs side by side, and what is said of those that fail."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from trashdata.errors import UserError
from trashdata.prove.lanes import Processes, carry_out
from trashdata.prove.trial_process import Answer, Job
from trashdata.prove.trials import Trial


def job(number: int, **changes: Any) -> Job:
    values: dict[str, Any] = {"arm": f"arm {number}", "fold": 0, "seed": 1, "steps": 2}
    values |= {"content": {"n": number}, "data": "/nowhere", "images": "/nowhere"}
    values |= {"train": "train.json", "val": "val.json", "options": {}, "tables": {}}
    return Job(Trial(**values), "/nowhere/results", "/nowhere/work", **changes)


def test_all_are_carried_out_and_lanes_are_shared() -> None:
    barrier, lanes = threading.Barrier(2, timeout=30), []

    def run(one: Job, lane: int) -> Answer:
        lanes.append(lane)
        barrier.wait()  # two at a time, or it would wait forever
        return Answer(seconds=one.trial.content["n"])

    done = carry_out([*map(job, range(4))], run, 2)
    assert {one.trial.arm: answer.seconds for one, answer in done} == {
        f"arm {n}": n for n in range(4)
    }
    assert sorted(lanes) == [0, 0, 1, 1]


def test_an_error_ends_the_others() -> None:
    stopped, started = [], []

    def run(one: Job, lane: int) -> Answer:  # noqa: ARG001
        started.append(one.trial.arm)
        raise UserError("here", expected="a", found="b", advice="c")

    with pytest.raises(UserError, match="here"):
        list(carry_out([*map(job, range(50))], run, 1, stop=lambda: stopped.append(True)))
    assert stopped == [True]
    assert len(started) < 50


def test_a_process_tells_its_error_by_the_name_of_the_arm() -> None:
    with pytest.raises(UserError, match=r"arm arm 3: .*/nowhere"):
        Processes()(job(3), 0)


@pytest.mark.slow
def test_a_crash_is_told_with_its_last_line() -> None:
    broken = job(1)
    broken.trial.options["lr"] = "no number"
    with pytest.raises(UserError, match=r"arm arm 1, seed 1: expected its run to come to an end"):
        Processes()(broken, 0)


def test_after_a_stop_nothing_is_started() -> None:
    processes = Processes()
    processes.stop()
    with pytest.raises(KeyboardInterrupt):
        processes(job(1), 0)
