"""Choices that options offer and library code takes, where neither may import the other."""

from __future__ import annotations

from typing import Literal, TypeAlias

Exif: TypeAlias = Literal["auto", "apply", "ignore"]
"""Whether photos are turned by EXIF: if their sizes say so, always, never."""

SegmentationForm: TypeAlias = Literal["polygon", "rle"]
"""The form of annotations that we make."""
