"""``trashdata app``."""

from __future__ import annotations

from trashdata.app.options import AppOptions
from trashdata.options.command import Call, command, command_app
from trashdata.outcome import Outcome

app = command_app()


@command(app, "app", AppOptions, ("dry_run",))
def app_command(options: AppOptions, call: Call) -> Outcome:
    """Serve a page that labels the photo you drop on it, on this machine alone.

    It needs the extra [app]. Ctrl+C ends it. A photo is turned as its EXIF says unless told not
    to, since no COCO file says its size.

    Example: trashdata app --no-browser --dry-run
    """
    from trashdata.app.run import serve_app

    return serve_app(options, dry_run=call.dry_run, reporter=call.reporter)
