"""Oversampling: one donor at its original position on a plain, unchanged photo."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from trashdata.coco.document import Document
from trashdata.console import Reporter
from trashdata.errors import UserError, printable

from ..donors.donors import Donor
from ..donors.sources import SourcePhoto
from ..goals.goals import Advice
from ..options import OVERSAMPLE_PHOTOS, CopyPasteOptions, OversampleOptions
from ..planning.candidates import Material
from ..planning.plan import PhotoPlan
from ..planning.scene import Scene
from .oversample_photo import OversampleBuilder, plan_photo

_MORE_DONORS = (
    "allow more donors with --min-area, --max-area, --no-filter-donors or --donors FILE.json"
)


@dataclass(frozen=True)
class Oversample:
    """Plain photos as backgrounds, and donors of a given area; see `Method`.

    ``options`` : `OversampleOptions.paste_options` of ``chosen``.
    """

    options: CopyPasteOptions
    chosen: OversampleOptions

    command: ClassVar[str] = OversampleOptions.command
    advice: ClassVar[Advice] = Advice(
        no_donor=_MORE_DONORS, more_donors=_MORE_DONORS, more_pastes="raise --max-reuse"
    )

    @property
    def identity(self) -> Mapping[str, Any]:
        return {name: getattr(self.chosen, name) for name in self.chosen.unlike_copy_paste}

    @property
    def first_number(self) -> int:
        return self.chosen.start_index

    def backgrounds(
        self, photos: Sequence[SourcePhoto], document: Document, reporter: Reporter
    ) -> list[SourcePhoto]:
        """Photos with few objects; notes their number, and how often each is used."""
        allowed, num, name = self.chosen.background_objects, self.options.num, document.name
        plain, most = plainest(photos, allowed)
        classes = " or ".join(printable(name) for name in self.options.background)
        held = f"{_objects(allowed)}{f' of {classes}' if classes else ''}"
        if not plain:
            raise UserError(
                "--background" if classes else name,
                expected=f"photos that hold {held}",
                found="only empty ones and crowd regions",
                advice="name other classes with --background, or use 'trashdata copy-paste'",
            )
        if most > allowed:
            reporter.warn(
                f"No photo of {name} holds {held}; those with {most}, the fewest, are used instead."
            )
        text = f"{len(plain)} of {len(document.images)} photos of {name} can be backgrounds"
        if len(plain) < (num or OVERSAMPLE_PHOTOS):
            uses = f", each is used {num / len(plain):,.3g} times" if num else ""
            advice = f"--background-objects {most + 1} may allow more"
            reporter.warn(f"Only {text}{uses}; {advice}.")
        else:
            reporter.note(f"{text}.")
        return plain

    def donors(self, donors: Sequence[Donor], left_out: Counter[str]) -> list[Donor]:
        """Donors whose area is within the limits."""
        low, high = self.chosen.min_area, self.chosen.max_area
        kept = []
        for donor in donors:
            area = round(donor.share * donor.photo_size[0] * donor.photo_size[1])
            if area < low:
                left_out["smaller than --min-area"] += 1
            elif high is not None and area > high:
                left_out["larger than --max-area"] += 1
            else:
                kept.append(donor)
        return kept

    def plan_photo(self, index: int, material: Material) -> tuple[PhotoPlan, Scene]:
        return plan_photo(index, material, elastic=self.chosen.elastic)

    def builder(self, material: Material) -> OversampleBuilder:
        return OversampleBuilder(material, self.chosen.elastic)


def plainest(photos: Sequence[SourcePhoto], allowed: int) -> tuple[list[SourcePhoto], int]:
    """The photos with one to ``allowed`` objects, or with the fewest if there are none.

    Ignore regions are not objects. Photos with a crowd region, which is many objects, are left out.

    Returns
    -------
    The photos, and the largest number of objects on them; 0 if there are none.
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
