"""``trashdata app``: a page on which models label the photo that is dropped on it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from trashdata.console import Reporter
from trashdata.inference.choices import (
    CrfOption,
    DeviceOption,
    EnsembleOption,
    ModelsOption,
    TtaOption,
    WeightsOption,
)
from trashdata.options import (
    ConfigOption,
    DryRunOption,
    Exif,
    ExifOption,
    JsonSummaryOption,
    QuietOption,
    VerboseOption,
    command_app,
    finish,
    reporter_for,
)
from trashdata.outcome import Outcome

if TYPE_CHECKING:
    from trashdata.inference.ensemble import EnsembleOptions

app = command_app()


@app.command("app")
def command(
    model: ModelsOption = None,
    port: Annotated[
        int, typer.Option("--port", min=0, max=65535, help="Of 127.0.0.1; 0 takes any.")
    ] = 8501,
    browser: Annotated[
        bool, typer.Option("--browser/--no-browser", help="Open one, where there is a display.")
    ] = True,
    tta: TtaOption = "none",
    ensemble: EnsembleOption = "soft",
    weights: WeightsOption = "miou",
    crf: CrfOption = False,
    exif: ExifOption = "auto",
    device: DeviceOption = "auto",
    dry_run: DryRunOption = False,
    config: ConfigOption = None,
    json_summary: JsonSummaryOption = False,
    quiet: QuietOption = False,
    verbose: VerboseOption = False,
) -> None:
    """Serve a page that labels the photo you drop on it, on this machine alone.

    It needs the extra [app]. Ctrl+C ends it. A photo is turned as its EXIF says unless told not
    to, since no COCO file says its size.

    Example: trashdata app --no-browser --dry-run
    """
    from trashdata.inference.ensemble import EnsembleOptions

    reporter = reporter_for(quiet=quiet, verbose=verbose, json_summary=json_summary)
    outcome = serve_app(
        EnsembleOptions(model or (), tta, ensemble, weights, crf, device),
        port=port,
        browser=browser,
        exif=exif,
        dry_run=dry_run,
        reporter=reporter,
    )
    finish(outcome, json_summary=json_summary)


def serve_app(
    options: EnsembleOptions | None = None,
    *,
    port: int = 8501,
    browser: bool = True,
    exif: Exif = "auto",
    dry_run: bool = False,
    reporter: Reporter | None = None,
) -> Outcome:
    """Serve the page on 127.0.0.1 until the process is interrupted; nothing is written.

    With ``dry_run`` the models are loaded and the port is tried, and that is all.

    Raises
    ------
    UserError : Streamlit is not installed, a model that is not there, a port that is taken.
    """
    from trashdata.app.serve import ADDRESS, free_port, import_streamlit, serve
    from trashdata.app.session import open_session, serve_with
    from trashdata.inference.ensemble import EnsembleOptions

    reporter = reporter or Reporter()
    streamlit = import_streamlit()
    port = free_port(port)
    session = open_session(options or EnsembleOptions(), exif, reporter)
    if dry_run:
        reporter.note(f"Would serve the page at http://{ADDRESS}:{port}.")
    else:
        serve_with(session)
        reporter.note(f"The page is http://{ADDRESS}:{port}; Ctrl+C ends it.")
        serve(streamlit, port, browser=browser)
    models = session.ensemble.models
    return Outcome(
        command="app",
        inputs={f"model {model.name}": model.sha256 for model in models},
        outputs=[],
        counts={"models": len(models), "classes": len(session.class_names)},
        warnings=reporter.warnings,
    )
