"""Python imports this first when its folder is on the path: a clock that runs backwards."""

from __future__ import annotations

import time

_start, _steady = time.time(), time.monotonic


def _time() -> float:
    return _start - 10 * (_steady() - _began)


def _time_ns() -> int:
    return int(_time() * 1e9)


_began = _steady()
time.time, time.time_ns = _time, _time_ns
