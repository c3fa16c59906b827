"""Serving the page: ``trashdata app``. Nothing is written."""

from __future__ import annotations

from trashdata.app.options import AppOptions
from trashdata.app.serve import ADDRESS, free_port, import_streamlit, serve
from trashdata.app.session import open_session, serve_with
from trashdata.console import Reporter
from trashdata.outcome import Outcome


def serve_app(
    options: AppOptions | None = None,
    *,
    dry_run: bool = False,
    reporter: Reporter | None = None,
) -> Outcome:
    """Serve the page on 127.0.0.1 until the process is interrupted.

    Parameters
    ----------
    dry_run : only load the models and check the port.

    Raises
    ------
    UserError : Streamlit is not installed, a model is missing, a port is in use.
    """
    reporter = reporter or Reporter()
    options = options or AppOptions()
    streamlit = import_streamlit()
    port = free_port(options.port)
    session = open_session(options, options.exif, reporter)
    if dry_run:
        reporter.note(f"Would serve the page at http://{ADDRESS}:{port}.")
    else:
        serve_with(session)
        reporter.note(f"The page is http://{ADDRESS}:{port}; Ctrl+C ends it.")
        serve(streamlit, port, browser=options.browser)
    models = session.ensemble.models
    return Outcome(
        command="app",
        inputs={f"model {model.name}": model.sha256 for model in models},
        outputs=[],
        counts={"models": len(models), "classes": len(session.class_names)},
        warnings=reporter.warnings,
    )
