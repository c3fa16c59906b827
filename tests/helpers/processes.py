"""Processes that run a command."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from typing import TypeAlias

RunCli: TypeAlias = Callable[..., "subprocess.CompletedProcess[str]"]
