"""The names of augmentations, and the levels of them; imports nothing heavy."""

from __future__ import annotations

from trashdata.errors import UserError, nearest, printable
from trashdata.options.text import split_list

CROP, MOSAIC = "random-sized-crop", "mosaic"
# In the order in which they are applied: geometry, colour, noise, holes.
NAMES = (
    CROP,
    MOSAIC,
    "flip",
    "vertical-flip",
    "rotate",
    "perspective",
    "optical-distortion",
    "brightness-contrast",
    "to-gray",
    "gauss-noise",
    "motion-blur",
    "mask-dropout",
    "cutout",
)
_LIGHT = (CROP, "flip", "brightness-contrast")
LEVELS: dict[str, tuple[str, ...]] = {
    "none": (),
    "flip": ("flip",),
    "light": _LIGHT,
    "medium": (*_LIGHT, "vertical-flip", "rotate", "to-gray", "motion-blur", "cutout"),
    "strong": NAMES,
}


def parse_augment(text: str) -> tuple[str, ...]:
    """The augmentations of a level or of a list with commas, in the order of application.

    >>> parse_augment("flip"), parse_augment("cutout,rotate")
    (('flip',), ('rotate', 'cutout'))
    """
    wanted = LEVELS.get(text)
    if wanted is None:
        wanted = split_list(text)
        for name in wanted:
            if name not in NAMES:
                raise UserError(
                    f"--augment {printable(name)!r}",
                    expected=f"{', '.join(LEVELS)}, or a list of augmentations",
                    found="none of that name",
                    advice=nearest(name, [*LEVELS, *NAMES]),
                )
    return tuple(name for name in NAMES if name in wanted)
