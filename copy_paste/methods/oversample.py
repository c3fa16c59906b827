"""The inputs of an oversampling run: which photos and which objects may serve."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from trashdata.console import Reporter
from trashdata.errors import UserError, printable
from trashdata.paths import Places

from ..donors.donors import Donor
from ..donors.sources import SourcePhoto
from ..inputs import Job
from ..oversample.options import DEFAULT_PHOTOS, OWN, OversampleOptions
from ..planning.candidates import Material
from ..rendering.shards import Context
from .oversample_maker import OversampleMaker
from .oversample_plan import plan_photo


class OversampleJob(Job):
    """As of Copy-Paste, but with plain photos as backgrounds and donors of a given area."""

    command = "oversample"
    no_donor_advice = (
        "allow more donors with --min-area, --max-area, --no-filter-donors or --donors FILE.json"
    )

    def __init__(self, places: Places, own: OversampleOptions, reporter: Reporter) -> None:
        self.own = own.resolved()
        super().__init__(places, self.own.paste_options(), reporter)
        if self.goals is not None:
            self.goals = replace(
                self.goals, more_donors=self.no_donor_advice, more_pastes="raise --max-reuse"
            )

    def own_options(self) -> dict[str, Any]:
        return {name: getattr(self.own, name) for name in OWN}

    def find_backgrounds(self) -> list[SourcePhoto]:
        """Photos with few objects; it says how many there are, and how often each serves."""
        allowed, num = self.own.background_objects, self.options.num
        photos, most = plainest(super().find_backgrounds(), allowed)
        name = self.document.name
        classes = " or ".join(printable(name) for name in self.options.background)
        held = f"{_objects(allowed)}{f' of {classes}' if classes else ''}"
        if not photos:
            raise UserError(
                "--background" if classes else name,
                expected=f"photos that hold {held}",
                found="only empty ones and crowd regions",
                advice="name other classes with --background, or use 'trashdata copy-paste'",
            )
        if most > allowed:
            self.reporter.warn(
                f"No photo of {name} holds {held}; those with {most}, the fewest, serve instead."
            )
        text = f"{len(photos)} of {len(self.document.images)} photos of {name} can be backgrounds"
        if len(photos) < (num or DEFAULT_PHOTOS):
            uses = f", each is used {num / len(photos):,.3g} times" if num else ""
            advice = f"--background-objects {most + 1} may allow more"
            self.reporter.warn(f"Only {text}{uses}; {advice}.")
        else:
            self.reporter.note(f"{text}.")
        return photos

    def find_donors(
        self, photos: Sequence[SourcePhoto], patch: frozenset[int], removed: frozenset[int]
    ) -> tuple[list[Donor], Counter[str]]:
        donors, left_out = super().find_donors(photos, patch, removed)
        low, high = self.own.min_area, self.own.max_area
        kept = []
        for donor in donors:
            area = round(donor.share * donor.photo_size[0] * donor.photo_size[1])
            if area < low:
                left_out["smaller than --min-area"] += 1
            elif high is not None and area > high:
                left_out["larger than --max-area"] += 1
            else:
                kept.append(donor)
        return kept, left_out

    def maker(self, material: Material) -> OversampleMaker:
        """Makes the photos that goals ask for."""
        return OversampleMaker(material, self.own.elastic)

    def context(self, workers: int) -> Context:
        context = super().context(workers)
        last = self.own.start_index + context.num - 1
        return replace(
            context,
            plan_photo=partial(plan_photo, elastic=self.own.elastic),
            first_number=self.own.start_index,
            digits=max(6, len(str(last))),
        )


def plainest(photos: Sequence[SourcePhoto], allowed: int) -> tuple[list[SourcePhoto], int]:
    """The photos with one to ``allowed`` objects or, where there are none, with the fewest.

    Ignore regions are no objects. A crowd region is many, so photos with one don't serve.

    Returns
    -------
    The photos, and how many objects they hold at most; 0 if there are none.
    """
    counts = [_count_objects(photo) for photo in photos]
    fewest = min((count for count in counts if count), default=0)
    most = max(fewest, allowed) if fewest else 0
    chosen = zip(photos, counts, strict=True)
    return [photo for photo, count in chosen if 0 < count <= most], most


def _count_objects(photo: SourcePhoto) -> int:
    objects = [item for item in photo.objects if not item.ignore]
    return 0 if any(item.crowd for item in objects) else len(objects)


def _objects(count: int) -> str:
    return "a single object" if count == 1 else f"1 to {count} objects"
