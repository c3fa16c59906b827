"""How photos come to the size that a model works at, by name; imports nothing heavy."""

from __future__ import annotations

from typing import Literal, TypeAlias

Mode: TypeAlias = Literal["resize", "windows"]
