"""Marks of tests."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest


def slow_where(names: Iterable[str], slow: set[str]) -> list[Any]:
    """Parameters of a test, those in ``slow`` for ``make slow``."""
    return [pytest.param(name, marks=pytest.mark.slow if name in slow else ()) for name in names]
