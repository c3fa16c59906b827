"""What is said and written at the end of a comparison."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

import msgspec

from trashdata.comparison.verdicts import Row
from trashdata.console import Reporter
from trashdata.options.config import as_toml
from trashdata.outcome import Outcome
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
            (arm, *(_each(one.get("mean") for one in kind) for kind in (found.iou, found.ap)))
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
    """The commands that make an arm's data and train on it."""
    json, flags = plan.options.json_name, f"--config {config}"
    if plan.options.val is None:
        folds = [f"trashdata kfold --json {json} --folds {plan.options.fold_count}"]
        part, rest = " --fold 0", " --fold 0"
    else:
        folds, part = [], "" if json == "train.json" else f" --json {json}"
        rest = f" --train {json} --val {plan.options.val}"
    lines, files = [], [json]
    if arm.oversample is not None:
        lines.append(f"trashdata oversample{part} {flags}")
        repeats = arm.oversample.repeat_factor is not None
        files = ["repeats.json"] if repeats else [*files, "oversample.json"]
    if arm.copy_paste is not None:
        lines.append(f"trashdata copy-paste{part} {flags}")
        files.append("copy_paste.json")
    if arm.pseudo is not None:
        lines.append(f"trashdata train{rest} {flags}")
        lines.append(f"trashdata pseudo --json {arm.pseudo.json} {flags}")
        files.append("pseudo.json")
    if arm.makes_files and plan.options.val is not None:
        trained = "".join(f" --train {name}" for name in files)
        rest = f"{trained} --val {plan.options.val}"
    return [*folds, *lines, f"trashdata train{rest} {flags}"]


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
