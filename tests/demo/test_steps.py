"""``trashdata demo``: the steps are commands that exist, and they are run to the end."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import pytest
import typer
from helpers.processes import RunCli

from trashdata.cli import COMMANDS, app
from trashdata.console import Reporter
from trashdata.demo.execute import execute_steps
from trashdata.demo.steps import RARE, Step, demo_steps
from trashdata.errors import UserError


@pytest.mark.parametrize("step", demo_steps(images=600, epochs=16), ids=lambda step: step.line[:24])
def test_each_step_is_a_command_with_options_that_it_has(step: Step) -> None:
    name, *arguments = shlex.split(step.line.format(before="before", after="after"))
    assert name in COMMANDS
    command = typer.main.get_command(app).get_command(None, name)  # type: ignore[attr-defined, arg-type]
    with command.make_context(name, [*arguments, "--quiet"]) as context:
        assert context.params["quiet"]


def test_both_trainings_take_equally_many_steps() -> None:
    images = 600
    new = next(
        s.line for s in demo_steps(images=images, epochs=1) if s.line.startswith("copy-paste")
    )
    pasted = int(new.split("--num ")[1].split()[0])
    # 0.64 of the photos are in train.json; the second training sees half of them.
    assert pasted == round(0.64 * images / 2)
    first, second = (
        s.line for s in demo_steps(images=images, epochs=1) if s.line.startswith("train")
    )
    assert "--train train.json:0.5 --train copy_paste.json" in second
    assert (
        second.replace(" --train train.json:0.5 --train copy_paste.json", "").replace(
            "after", "before"
        )
        == first
    )


@pytest.mark.slow
def test_a_short_demo_ends_with_the_table_and_the_report(tmp_path: Path, run_cli: RunCli) -> None:
    done = run_cli("demo", "--images", "60", "--epochs", "1", "--json-summary")
    assert done.returncode == 0, done.stderr
    summary = json.loads(done.stdout)
    assert RARE in summary["before"]
    assert RARE in summary["after"]
    assert (tmp_path / summary["report"]).is_file()
    assert "\\n" not in done.stderr
    table = done.stderr[done.stderr.rindex("before") :]
    assert table.index(RARE) < table.index("background") < table.index("mean")


def test_a_step_that_fails_ends_the_demo(tmp_path: Path) -> None:
    steps = [Step("sample --data a --images 1 --size 64"), Step("stats --data nowhere")]
    with pytest.raises(UserError, match=r"trashdata stats --data nowhere: .* exit code 2"):
        execute_steps(steps, tmp_path, Reporter(), quiet=True)
    assert (tmp_path / "a" / "train.json").is_file()
