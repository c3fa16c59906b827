"""The modes of resolution by name; imports nothing heavy."""

from __future__ import annotations

from typing import Literal, TypeAlias

Mode: TypeAlias = Literal["resize", "windows"]
