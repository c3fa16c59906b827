"""A trainer whose noise is known: it draws the pixel counts that a run would have been given.

A set has groups of differing sizes. A run finds of each class the share ``sigmoid(skill)`` of the
true pixels, and predicts some beside them. Skill is the class's base, plus

- what is easy or hard about a group, the same for all runs;
- how much better an arm likes a group than another arm does (noise of photos: another sample of
  photos would have given another difference);
- what a run has learned by chance (noise of seeds), partly the same for all classes;
- what a single run sees in a single photo (counts in both parts of the variance);
- the true effect of the arm.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

CLASSES = 11


@dataclass(frozen=True)
class Stub:
    """Standard deviations are in logits of the share of pixels that is found."""

    seeds: int = 5
    groups: int = 40
    seed_noise: float = 0.4
    photo_noise: float = 0.4
    single_noise: float = 0.3
    hardness: float = 0.8
    size_spread: float = 0.7
    frequencies: tuple[float, ...] = (0.95, 0.9, 0.85, 0.8, 0.8, 0.7, 0.7, 0.6, 0.6, 0.5, 0.45)


@dataclass(frozen=True)
class Drawn:
    """Counts (arms, S, P, C, 3) of a set, and the group (P,) of each photo."""

    counts: NDArray[np.int64]
    groups: NDArray[np.int64]


def draw_set(stub: Stub, effects: NDArray[np.float64], rng: np.random.Generator) -> Drawn:
    """One set and the runs of its arms; ``effects`` (arms, C) is what each arm adds to skill."""
    arms = len(effects)
    sizes = rng.integers(1, 9, stub.groups)
    groups = np.repeat(np.arange(stub.groups), sizes)
    true = _true_pixels(stub, groups, rng)
    skill = np.linspace(1.2, -0.6, CLASSES) + effects[:, None, None, :]
    skill = skill + stub.hardness * rng.standard_normal((stub.groups, CLASSES))[groups]
    liking = stub.photo_noise * rng.standard_normal((arms, 1, stub.groups, CLASSES))
    skill = skill + liking[:, :, groups]
    learned = 0.5**0.5 * rng.standard_normal((arms, stub.seeds, 1, CLASSES))
    learned = learned + 0.5**0.5 * rng.standard_normal((arms, stub.seeds, 1, 1))
    shape = (arms, stub.seeds, len(groups), CLASSES)
    single = stub.single_noise * rng.standard_normal(shape)
    skill = skill + stub.seed_noise * learned + single
    found = 1 / (1 + np.exp(-skill))
    hits = np.rint(true * found).astype(np.int64)
    # False positives fall where true pixels of a class are missed, and where there is none.
    beside = np.rint((0.7 * true + 300) * (1 - found)).astype(np.int64)
    return Drawn(np.stack([hits, hits + beside, np.broadcast_to(true, shape)], axis=-1), groups)


def _true_pixels(
    stub: Stub, groups: NDArray[np.int64], rng: np.random.Generator
) -> NDArray[np.int64]:
    """(P, C): whether a class is in a group, then how much of it is on each photo."""
    held = rng.random((stub.groups, CLASSES)) < np.array(stub.frequencies)
    size = np.exp(7 + stub.size_spread * rng.standard_normal((stub.groups, CLASSES)))
    photos = size[groups] * np.exp(0.5 * rng.standard_normal((len(groups), CLASSES)))
    return np.rint(photos * held[groups]).astype(np.int64)
