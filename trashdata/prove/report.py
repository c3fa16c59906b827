"""What is said and written at the end of a comparison."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

import msgspec

from trashdata.comparison.verdicts import Row
from trashdata.console import Reporter
from trashdata.options.config import as_toml
from trashdata.outcome import Outcome
from trashdata.paths import DEFAULT_DATA
from trashdata.prove.analysis import Scores
from trashdata.prove.arms import Arm, switched_on
from trashdata.prove.compared import Compared
from trashdata.prove.files import CONFIG, JSON, PICTURE
from trashdata.prove.findings import Finding, as_plain
from trashdata.prove.picture import draw_prove
from trashdata.prove.spokes import (
    PRESETS,
    CopyPasteOptions,
    ModelOptions,
    OversampleOptions,
    PseudoOptions,
    TrainOptions,
)
from trashdata.prove.table import show_findings
from trashdata.prove.titles import SPEAKS_OF
from trashdata.prove.trials import Plan
from trashdata.runs.files import write_atomically


def write_findings(
    out: Path,
    compared: Compared,
    findings: Sequence[Finding],
    scores: Mapping[str, Mapping[str, Scores]],
    search: Mapping[str, Any] | None = None,
) -> list[Path]:
    """Write ``prove.json`` and ``prove.png``; returns their paths.

    Parameters
    ----------
    scores : by length and arm.
    search : how the arm was found, if it was searched for.
    """
    content = {
        "findings": as_plain(findings),
        "scores": scores,
        "arms": {arm.name: _described(arm) for arm in compared.arms},
        "options": compared.described,
        "inputs": compared.inputs,
        "made_by": "trashdata prove",
        **({} if search is None else {"search": search}),
    }
    encoded = msgspec.json.format(msgspec.json.encode(content), indent=1) + b"\n"
    write_atomically(out / JSON, encoded)
    write_atomically(out / PICTURE, draw_prove(findings))
    return [out / JSON, out / PICTURE]


def _described(arm: Arm) -> dict[str, Any]:
    made = {name: switched_on(table) for name, table in arm.tables().items()}
    return {"share": arm.share, "train": dict(arm.train), **made}


def winner(findings: Sequence[Finding]) -> Finding | None:
    """The finding with the best arm, None if no arm is shown to be better.

    An arm is if its mean helps, or if a declared class does and its mean does not hurt. Of several,
    the one whose mean is surely highest, at the largest number of steps.
    """
    longest = max((finding.steps for finding in findings), default=0)
    better = [one for one in findings if one.steps == longest and _is_better(one.rows)]
    return max(better, key=lambda finding: _mean(finding.rows).low, default=None)


def _is_better(rows: Sequence[Row]) -> bool:
    verdict = _mean(rows).verdict
    helped = any(row.family == "patch" and row.verdict == "helps" for row in rows)
    return verdict == "helps" or (helped and verdict != "hurts")


def _mean(rows: Sequence[Row]) -> Row:
    return next(row for row in rows if row.family == "mean")


def show(
    findings: Sequence[Finding], scores: Mapping[str, Mapping[str, Scores]], reporter: Reporter
) -> None:
    """Show the tables, and what they speak of; ``scores``: by length and arm."""
    show_findings(findings, reporter)
    for steps, of_arms in scores.items():
        rows = [
            (arm, *(_each(one.mean for one in kind) for kind in (found.iou, found.ap)))
            for arm, found in of_arms.items()
        ]
        reporter.table(
            f"Means over the classes at {int(steps):,} steps, and each seed's, in percent",
            ("arm", "IoU", "AP of regions"),
            rows,
        )
    reporter.note(SPEAKS_OF)


def _each(values: Iterable[float | None]) -> str:
    """The mean of the seeds, and each of them.

    >>> _each([0.425, 0.4]), _each([None, None])
    ('41.2 (42.5, 40.0)', '–')
    """
    known = [100 * value for value in values if value is not None]
    if not known:
        return "–"
    shown = ", ".join(f"{value:.1f}" for value in known)
    return f"{sum(known) / len(known):.1f} ({shown})"


def write_winner(
    out: Path, plan: Plan, findings: Sequence[Finding], reporter: Reporter
) -> list[Path]:
    """Write the best arm's options as ``trashdata.toml``, and note how to use them.

    Returns
    -------
    The file; nothing if no arm is better.
    """
    best = winner(findings)
    if best is None:
        (out / CONFIG).unlink(missing_ok=True)
        reporter.note(no_winner(plan.options.against))
        return []
    arm = next(arm for arm in plan.arms if arm.name == best.arm)
    path = out / CONFIG
    write_atomically(path, config_of(arm, plan).encode())
    reporter.note(
        f"{arm.name} is better than {' and '.join(best.against)}. Its options are in {path}:"
    )
    for line in command_lines(arm, plan, path):
        reporter.note(f"  {line}")
    return [path]


def config_of(arm: Arm, plan: Plan) -> str:
    """The options of an arm for ``--config``, a table a command."""
    options = plan.options
    preset = PRESETS.get(options.preset or "", {})
    names = {one.name for one in fields(ModelOptions)}
    usual = {one.name: one.default for one in fields(TrainOptions)} | preset
    train = {name: getattr(options, name) for name in names} | dict(arm.train)
    changed = {k: v for k, v in sorted(train.items()) if v != usual[k]}
    if options.preset is not None:
        changed = {"preset": options.preset, **changed}
    if arm.fresh is not None:
        changed["paste"] = arm.share
    elif arm.shows_new_photos:
        changed["synthetic_share"] = arm.share
    tables = [as_toml(_as_json(changed), "train")]
    for name, table, kind in (
        ("copy-paste", arm.fresh or arm.copy_paste, CopyPasteOptions),
        ("oversample", arm.oversample, OversampleOptions),
        ("pseudo", arm.pseudo, PseudoOptions),
    ):
        if table is not None:
            tables.append(as_toml(_as_json(_changed(table, kind)), name))
    return "\n".join(tables)


def no_winner(against: str) -> str:
    """What is said if no arm is better than the control."""
    return f"No arm is shown to be better than {against}."


def _changed(options: Any, kind: type[Any]) -> dict[str, Any]:
    usual = {one.name: one.default for one in fields(kind)}
    return {name: value for name, value in asdict(options).items() if value != usual[name]}


def _as_json(options: Mapping[str, Any]) -> dict[str, Any]:
    plain: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(dict(options)))
    return plain


def command_lines(arm: Arm, plan: Plan, config: Path) -> list[str]:
    """The commands that make an arm's data and train on it; of several folds, the first."""
    options, in_folds = plan.options, plan.options.val is None
    name = options.json_name
    base, val = ("kfold_0_train.json", "kfold_0_val.json") if in_folds else (name, options.val)
    part = ["--fold", "0"] if in_folds else [] if name == "train.json" else ["--json", name]
    ending = "_0.json" if in_folds else ".json"
    lines, files = [["kfold", *_of_folds(plan)]] if in_folds else [], [base]

    def training() -> list[str]:
        if in_folds and files == [base]:
            return ["train", *part]
        return ["train", *(word for file in files for word in ("--train", file)), "--val", str(val)]

    if arm.oversample is not None:
        lines.append(["oversample", *part])
        repeats = arm.oversample.repeat_factor is not None
        files = [f"repeats{ending}"] if repeats else [*files, f"oversample{ending}"]
    if arm.copy_paste is not None:
        lines.append(["copy-paste", *part])
        files = [*files, f"copy_paste{ending}"]
    if arm.pseudo is not None:
        lines += [training(), ["pseudo", "--json", arm.pseudo.json]]
        files = [*files, "pseudo.json"]
    lines.append(training())
    same = [*_of_folders(plan), "--config", str(config)]
    return [shlex.join(["trashdata", *line, *same]) for line in lines]


def _of_folds(plan: Plan) -> list[str]:
    options = plan.options
    words = ["--json", options.json_name, "--folds", str(options.fold_count)]
    grouped = ["--group-by", options.group_by] if options.group_by != "auto" else []
    return [*words, *grouped, "--seed", str(options.seed)]


def _of_folders(plan: Plan) -> list[str]:
    """The options that say where data and photos are, as far as they are not the usual ones."""
    data, images = plan.folders.data, plan.folders.images
    words = ["--data", str(data)] if data != DEFAULT_DATA else []
    return [*words, *(["--images", str(images)] if images != data else [])]


def outcome(
    compared: Compared,
    findings: Sequence[Finding],
    counts: Mapping[str, int],
    outputs: Sequence[Path],
    reporter: Reporter,
) -> Outcome:
    """The outcome for ``--json-summary``."""
    return Outcome(
        command="prove",
        inputs=dict(compared.inputs),
        outputs=[str(path) for path in outputs],
        counts=counts,
        warnings=reporter.warnings,
        figures={"findings": as_plain(findings)},
    )
