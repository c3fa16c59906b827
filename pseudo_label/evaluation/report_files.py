"""A run of ``--report``: the first pass on photos with labels, then the comparison."""

from __future__ import annotations

from typing import Any

import msgspec

from trashdata.errors import UserError
from trashdata.runs.old_run import Run
from trashdata.runs.writer import ShardWriter

from ..inputs import Job
from ..labels.sources.predicted import PredictedLabels
from ..predicting.predictions import predict
from ..predicting.thresholds import in_units
from ..writing.second_pass import Task
from .judge import JudgeContext, judge
from .plot import draw
from .truth_counts import TruthTally, class_rows, curve, foreground_row


def check_labels(job: Job) -> None:
    """A report needs labels to compare with."""
    known = {annotation.image_id for annotation in job.document.annotations}
    if not known & {image.id for image in job.images}:
        raise UserError(
            job.document.name,
            expected="a file with labels for --report to compare with",
            found="no annotation",
            advice="pass a labelled file, such as --json val.json",
        )


def write_report(run: Run, job: Job) -> dict[str, Any]:
    """Predict, compare, write the figures and the picture."""
    found = predict(run, job)
    source = PredictedLabels(run.journal, found.thresholds, job.options.agree)
    context = JudgeContext(job.document, source, job.options, len(job.names), found.kept)
    tasks = [Task(place, image, b"", None, None) for place, image in enumerate(job.images)]
    tally = judge(context, tasks, job.workers, job.scheduler, job.reporter)
    report = report_content(job, tally, in_units(found.thresholds), sum(found.kept))
    writer = ShardWriter(run.journal, run.roots, "files")
    writer.intend([("data", path) for path in job.output_files()])
    content = msgspec.json.format(msgspec.json.encode(report), indent=1) + b"\n"
    writer.write("data", f"{job.name}.json", content)
    writer.write("data", f"{job.name}.png", _picture(job, report))
    run.finish(writer.files, found.photos, report)
    return report


def report_content(
    job: Job, tally: TruthTally, thresholds: list[float | None], kept: int
) -> dict[str, Any]:
    """The content of ``<out>_report.json``; `truth_counts` defines the figures."""
    return {
        "photos": len(job.images),
        "kept_photos": kept,
        "models": [msgspec.to_builtins(origin) for origin in job.origins],
        "foreground": foreground_row(tally),
        "classes": class_rows(tally, job.names, thresholds),
        "curve_of_thresholds": curve(tally, "threshold"),
        "curve_of_portions": curve(tally, "portion"),
    }


def _picture(job: Job, report: dict[str, Any]) -> bytes:
    kind, value = job.options.setting
    background, *classes = report["classes"]
    classes.sort(key=lambda row: -row["pixels"])
    foreground = report["foreground"]
    title = f"{job.document.name}: what --{kind} {value:g} keeps"
    if foreground["precision"] is not None and foreground["recall"] is not None:
        title += (
            f"; all but background: precision {foreground['precision']:.1%},"
            f" recall {foreground['recall']:.1%}"
        )
    points = report[f"curve_of_{kind}s"]
    return draw(title, [*classes, background], points, kind, value)
