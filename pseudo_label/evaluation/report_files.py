"""The files of ``--report``: the figures as JSON, and their picture."""

from __future__ import annotations

from typing import Any

import msgspec

from trashdata.runs.run import Written
from trashdata.runs.stage import Work

from ..inputs import Inputs
from ..labels.sources.predicted import PredictedLabels
from ..names import output_files, run_name
from ..predicting.predictions import Predictions
from ..predicting.thresholds import in_units
from .comparison import ComparisonContext, compare_labels
from .plot import draw
from .truth_counts import TruthCounts, class_rows, curve, foreground_row


def write_report(inputs: Inputs, found: Predictions, work: Work) -> Written:
    """Compare the labels; write the figures and the picture."""
    options = inputs.options
    source = PredictedLabels(work.kept, found.thresholds, options.agree)
    context = ComparisonContext(inputs.document, source, options, len(inputs.names), found.kept)
    counts = compare_labels(context, inputs.images, work)
    report = report_content(inputs, counts, in_units(found.thresholds), sum(found.kept))
    writer = work.writer("files")
    writer.intend([("data", path) for path in output_files(options)])
    content = msgspec.json.format(msgspec.json.encode(report), indent=1) + b"\n"
    writer.write("data", f"{run_name(options)}.json", content)
    writer.write("data", f"{run_name(options)}.png", _picture(inputs, report))
    return Written(writer.files, found.photos, report)


def report_content(
    inputs: Inputs, counts: TruthCounts, thresholds: list[float | None], kept: int
) -> dict[str, Any]:
    """The content of ``<out>_report.json``; `truth_counts` defines the figures."""
    return {
        "photos": len(inputs.indices),
        "kept_photos": kept,
        "models": [msgspec.to_builtins(origin) for origin in inputs.origins],
        "foreground": foreground_row(counts),
        "classes": class_rows(counts, inputs.names, thresholds),
        "curve_of_thresholds": curve(counts, "threshold"),
        "curve_of_portions": curve(counts, "portion"),
    }


def _picture(inputs: Inputs, report: dict[str, Any]) -> bytes:
    kind, value = inputs.options.setting
    background, *classes = report["classes"]
    classes.sort(key=lambda row: -row["pixels"])
    foreground = report["foreground"]
    title = f"{inputs.document.name}: what --{kind} {value:g} keeps"
    if foreground["precision"] is not None and foreground["recall"] is not None:
        title += (
            f"; all but background: precision {foreground['precision']:.1%},"
            f" recall {foreground['recall']:.1%}"
        )
    points = report[f"curve_of_{kind}s"]
    return draw(title, [*classes, background], points, kind, value)
