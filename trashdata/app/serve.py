"""The page's server: Streamlit, on this machine only, without telemetry."""

from __future__ import annotations

import contextlib
import socket
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

from trashdata.errors import UserError

ADDRESS = "127.0.0.1"
PAGE = Path(__file__).with_name("page.py")

# Flags win over the user's own ~/.streamlit/config.toml.
_FLAGS = {
    "server.address": ADDRESS,
    "browser.serverAddress": ADDRESS,
    "browser.gatherUsageStats": "false",
    "client.showErrorLinks": "false",
    "client.showSidebarNavigation": "false",
    "client.toolbarMode": "minimal",
    "logger.hideWelcomeMessage": "true",
    "logger.level": "warning",
    "runner.magicEnabled": "false",
    "server.baseUrlPath": "",
    "server.enableAgentApi": "false",
    "server.enableCORS": "true",
    "server.enableStaticServing": "false",
    "server.enableXsrfProtection": "true",
    "server.fileWatcherType": "none",
    "server.maxUploadSize": "100",
    "server.runOnSave": "false",
    "server.showEmailPrompt": "false",
    # Streamlit's own red is kept for errors.
    "theme.primaryColor": "#0b6a88",
}


def import_streamlit() -> Any:
    """Import Streamlit's command line; without it, raise an error that says how to install it."""
    try:
        return import_module("streamlit.web.cli")
    except ModuleNotFoundError as error:
        raise UserError(
            "app",
            expected="Streamlit to be installed",
            found=f"no module {error.name}",
            advice="run pip install 'trashdata[app]'",
        ) from None


def free_port(port: int) -> int:
    """Check the port; for 0, find a free one.

    Raises
    ------
    UserError : it is in use, or needs privileges.
    """
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((ADDRESS, port))
        except OSError as error:
            raise UserError(
                f"--port {port}",
                expected=f"a port of {ADDRESS} that is free",
                found=error.strerror or str(error),
                advice="choose another one, or 0 for any",
            ) from None
        return int(probe.getsockname()[1])


def flags(port: int, *, browser: bool) -> list[str]:
    """Flags for Streamlit.

    Without ``browser`` none is opened; with it, Streamlit opens one, unless there is no display.
    """
    chosen = _FLAGS | {"server.port": str(port), "browser.serverPort": str(port)}
    if not browser:
        chosen["server.headless"] = "true"
    given = [f"--{name}={value}" for name, value in chosen.items()]
    # No page of another name may lead a browser here (DNS rebinding).
    return [*given, *(f"--server.allowedHosts={host}" for host in (ADDRESS, "localhost"))]


def serve(streamlit: Any, port: int, *, browser: bool) -> None:
    """Serve the page until interrupted."""
    # Standard output is for data.
    with contextlib.redirect_stdout(sys.stderr):
        streamlit.main(["run", str(PAGE), *flags(port, browser=browser)], standalone_mode=False)
