"""The protocol of a method to make new photos."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from trashdata.coco.document import Document
from trashdata.console import Reporter

from ..donors.donors import Donor
from ..donors.sources import SourcePhoto
from ..goals.goals import Advice
from ..options import CopyPasteOptions
from ..planning.candidates import Material
from ..planning.photo_builder import PhotoBuilder
from ..planning.plan import PhotoPlan
from ..planning.scene import Scene


class Method(Protocol):
    """A method to make new photos; implementations are frozen, and are sent to workers."""

    @property
    def command(self) -> str:
        """The command that it belongs to."""

    @property
    def options(self) -> CopyPasteOptions:
        """Copy-Paste's options that describe its photos; ``out`` is a plain name."""

    @property
    def identity(self) -> Mapping[str, Any]:
        """Further values that decide the photos, by name, for the run's identity."""

    @property
    def first_number(self) -> int:
        """The number of the first new photo's file."""

    @property
    def advice(self) -> Advice:
        """Which options give more donors or more pastes."""

    def backgrounds(
        self, photos: Sequence[SourcePhoto], document: Document, reporter: Reporter
    ) -> list[SourcePhoto]:
        """The photos that can be backgrounds; at least one.

        Raises
        ------
        UserError : none of them can be one.
        """

    def donors(self, donors: Sequence[Donor], left_out: Counter[str]) -> list[Donor]:
        """The donors that can be pasted; the others are counted by reason."""

    def plan_photo(self, index: int, material: Material) -> tuple[PhotoPlan, Scene]:
        """Plan a photo independently of others; returns the plan and the resulting scene.

        Raises
        ------
        UserError : nothing could be placed within the bounded number of draws; it says why.
        """

    def builder(self, material: Material) -> PhotoBuilder:
        """A builder that makes photos step by step, for planning towards goals."""
