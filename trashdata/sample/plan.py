"""The kinds of trash on each photo of the sample set, planned before drawing."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

CATEGORIES = (
    "General trash",
    "Paper",
    "Paper pack",
    "Metal",
    "Glass",
    "Plastic",
    "Styrofoam",
    "Plastic bag",
    "Battery",
    "Clothing",
)
"""The ten kinds of trash, in the order of their category ids."""

MOST_OBJECTS = 15
"""No photo holds more objects than this."""

# Shares among the common kinds; Battery and Clothing get exact counts instead, since random draws
# could leave a set without its rare classes.
_COMMON_SHARES = {
    "General trash": 0.16,
    "Paper": 0.29,
    "Paper pack": 0.06,
    "Metal": 0.07,
    "Glass": 0.05,
    "Plastic": 0.10,
    "Styrofoam": 0.06,
    "Plastic bag": 0.21,
}
_BATTERY_SHARE = 0.009
_CLOTHING_SHARE = 0.02
_EMPTY_SHARE = 0.04
_FEWEST_BATTERIES = 5
_IMAGES_FOR_FEWEST_BATTERIES = 60
_MEAN_BEYOND_FIRST = 6.4
# How closely each photo follows the shares; low, since real photos show the trash of one household
# or one street, and such clustering makes splitting into folds hard.
_CONCENTRATION = 7.0


def plan_categories(images: int, rng: np.random.Generator) -> list[list[str]]:
    """Decide which objects each photo holds.

    Parameters
    ----------
    images
        How many photos; not negative.
    rng
        The only source of chance; it is advanced.

    Returns
    -------
    For each photo the categories of its objects, 0 to 15 of them, in no particular order.

    Notes
    -----
    The set is unbalanced on purpose: Paper and Plastic bag are the most frequent, Clothing has
    about 2 % of the objects, and Battery less than 1 %. From 60 photos on there are at least 5
    batteries on different photos, so that five folds can have one each; if 5 would be 1 % or more
    (sets of 60 to about 75 photos), photos get more objects than the usual 7.
    """
    if images < 0:
        raise ValueError(f"images must not be negative, got {images}")
    counts = _object_counts(images, rng)
    batteries = round(_BATTERY_SHARE * sum(counts))
    if images >= _IMAGES_FOR_FEWEST_BATTERIES:
        batteries = max(batteries, _FEWEST_BATTERIES)
    counts = _raised_counts(counts, least=100 * batteries + 1, rng=rng)
    plan = [_common_kinds(count, rng) for count in counts]
    return _with_rare_kinds(plan, batteries=batteries, rng=rng)


def _object_counts(images: int, rng: np.random.Generator) -> list[int]:
    """Objects per photo, about 4 % of them 0; the others skewed towards few, as in real sets."""
    spread = 4.0
    chance = spread / (spread + _MEAN_BEYOND_FIRST)
    beyond = rng.negative_binomial(spread, chance, size=images)
    counts = [min(MOST_OBJECTS, 1 + int(extra)) for extra in beyond]
    empty = {int(i) for i in rng.permutation(images)[: round(_EMPTY_SHARE * images)]}
    return [0 if index in empty else count for index, count in enumerate(counts)]


def _raised_counts(counts: list[int], *, least: int, rng: np.random.Generator) -> list[int]:
    """Add objects to photos that hold some, until the whole set has `least` or all are full."""
    raised = list(counts)
    open_photos = [index for index, count in enumerate(raised) if 0 < count < MOST_OBJECTS]
    for _ in range(max(0, least - sum(raised))):
        if not open_photos:
            break
        index = open_photos[int(rng.integers(len(open_photos)))]
        raised[index] += 1
        if raised[index] == MOST_OBJECTS:
            open_photos.remove(index)
    return raised


def _common_kinds(count: int, rng: np.random.Generator) -> list[str]:
    """Draw the common kinds of one photo from its own mixture."""
    names = list(_COMMON_SHARES)
    shares = rng.dirichlet([_CONCENTRATION * share for share in _COMMON_SHARES.values()])
    return [names[int(i)] for i in rng.choice(len(names), size=count, p=shares)]


def _with_rare_kinds(
    plan: list[list[str]], *, batteries: int, rng: np.random.Generator
) -> list[list[str]]:
    """Turn one object in each of some photos into a battery, and in others into clothing."""
    clothes = round(_CLOTHING_SHARE * sum(map(len, plan)))
    filled = [index for index, kinds in enumerate(plan) if kinds]
    order = [filled[int(i)] for i in rng.permutation(len(filled))]
    chosen = dict.fromkeys(order[:batteries], "Battery")
    chosen |= dict.fromkeys(order[batteries : batteries + clothes], "Clothing")
    return [
        [chosen[index], *kinds[1:]] if index in chosen else list(kinds)
        for index, kinds in enumerate(plan)
    ]
