"""Planning towards goals: each photo depends on the contents of all photos before it.

So planning is sequential, whatever the number of workers; they get the plans in shards, to work out
the labels. Photo i has its own random stream.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trashdata.console import Tick

from ..donors.donors import Donor
from ..geometry import Transform
from ..goals.goals import Goals
from ..goals.targets import ObjectCounts
from .candidates import DRAWS, Material
from .missing_objects import MissingObjects
from .photo_builder import PhotoBuilder
from .plan import BACKGROUNDS, Paste, PhotoPlan
from .scene import Scene

_PHOTO_STREAM = 3
# Jitters drawn for a background that has objects of classes with enough already.
JITTERS = 8
# Weight of an earlier use of a background, relative to an object of a class that has enough.
_WEIGHT_OF_USE = 0.5
# Further uses weigh no more, so that a crowded photo does not become the best choice.
_USES_THAT_COUNT = 40
# Draws for one donor, before another donor of its class is tried.
TRIES = 5


@dataclass(frozen=True)
class GoalPlan:
    """Photos by rising index, and the counts of the resulting JSON.

    ``best``: the largest amount of each target's class during planning, in the target's unit, by
    class index; ``faults``: if planning ended because no placement was found, the reasons and how
    often each occurred.
    """

    photos: tuple[PhotoPlan, ...]
    counts: ObjectCounts
    best: Mapping[int, float]
    faults: Mapping[str, int]


def scene_counts(scene: Scene, classes: int) -> ObjectCounts:
    """Visible objects and pixels of each class."""
    counts = ObjectCounts.empty(classes)
    for item in scene.objects:
        if item.visible > 0 and not item.source.ignore:
            counts.objects[item.source.class_index - 1] += 1
            counts.pixels[item.source.class_index - 1] += item.visible
    return counts


class Planner:
    """Chooses photos, backgrounds and donors until the goals are met.

    The background chosen is the one with the fewest objects of classes that have enough already,
    where two earlier uses weigh as much as one such object. A class is drawn in proportion to the
    objects it lacks, and of its donors the least used one is taken. Ties are broken at random.
    """

    def __init__(self, builder: PhotoBuilder, goals: Goals, limit: int) -> None:
        material = builder.material
        self.builder, self.goals, self.limit = builder, goals, limit
        self.classes = len(goals.before.objects)
        self.counts = goals.before
        self.best = {target.class_index: target.held(self.counts) for target in goals.targets}
        sizes = [math.prod(material.size_on(k)) for k in range(len(material.backgrounds))]
        self.missing = MissingObjects(goals.targets, self.classes, float(np.mean(sizes)))
        self.brought = _contents(material, self.classes)
        self.background_uses = np.zeros(len(material.backgrounds), dtype=np.int64)
        self.donors_of = _donors_of(material, self.classes)
        self.uses = np.zeros(len(material.donors), dtype=np.int64)
        # Also counts the tries in which no placement was found.
        self.turns = np.zeros_like(self.uses)
        # Pastes that the donors of each class have left.
        self.room = np.array([len(donors) * goals.max_reuse for donors in self.donors_of])

    def run(self, tick: Tick) -> GoalPlan:
        """Plan until nothing is missing, or no further photo is possible.

        The caller checks which targets the caps left unmet. ``tick`` is called with the number of
        objects by which the missing ones decreased.
        """
        photos: list[PhotoPlan] = []
        faults: Counter[str] = Counter()
        least = self.objects_lacking()
        while len(photos) < self.limit and self._open(self.missing.objects(self.counts)).any():
            photo = self._plan_photo(len(photos), faults)
            if photo is None:
                break
            faults.clear()
            photos.append(photo)
            left = min(least, self.objects_lacking())
            tick(least - left)
            least = left
        return GoalPlan(tuple(photos), self.counts, self.best, faults)

    def objects_lacking(self) -> int:
        """Missing objects of all classes together."""
        return math.ceil(float(self.missing.objects(self.counts).sum()))

    def _open(self, lacking: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Classes that lack objects and have a donor left, (C,)."""
        return (lacking > 0) & (self.room > 0)

    def _plan_photo(self, index: int, faults: Counter[str]) -> PhotoPlan | None:
        """Plan the next photo; None if no placement is found on any of several backgrounds."""
        rng = np.random.default_rng([self.builder.material.options.seed, _PHOTO_STREAM, index])
        for _ in range(BACKGROUNDS):
            background = self._choose_background(rng)
            jitter, scene = self._choose_scene(background, rng)
            self.background_uses[background] += 1
            pastes = self._fill(scene, rng, faults)
            if pastes:
                self.counts += scene_counts(scene, self.classes)
                for target in self.goals.targets:
                    held = target.held(self.counts)
                    self.best[target.class_index] = max(self.best[target.class_index], held)
                return PhotoPlan(index, background, jitter, tuple(pastes))
        return None

    # --- the background ---

    def _burden(
        self, brought: NDArray[np.int64], lacking: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Weight of objects of classes that have enough already, (...,); ``brought``: (..., C)."""
        burden: NDArray[np.float64] = np.maximum(0, brought - lacking) @ self.missing.weights
        return burden

    def _choose_background(self, rng: np.random.Generator) -> int:
        lacking = self.missing.objects(self.counts)
        # Backgrounds may have what the donors lack.
        starved = np.maximum(0, lacking - self.room)
        gain = np.minimum(self.brought, starved).sum(axis=1)
        uses = np.minimum(self.background_uses, _USES_THAT_COUNT)
        score = self._burden(self.brought, lacking) - gain + _WEIGHT_OF_USE * uses
        return int(rng.choice(np.flatnonzero(score == score.min())))

    def _choose_scene(self, background: int, rng: np.random.Generator) -> tuple[Transform, Scene]:
        """Draw a few jitters; take the one with the fewest objects of classes that have enough."""
        lacking = self.missing.objects(self.counts)
        best: tuple[float, Transform, Scene] | None = None
        for _ in range(JITTERS):
            jitter, scene = self.builder.draw(background, rng)
            burden = float(self._burden(scene_counts(scene, self.classes).objects, lacking))
            if best is None or burden < best[0]:
                best = burden, jitter, scene
            if not burden:
                break
        assert best is not None
        return best[1], best[2]

    # --- the donors ---

    def _fill(self, scene: Scene, rng: np.random.Generator, faults: Counter[str]) -> list[Paste]:
        """Paste until nothing is missing, up to the number of pastes a photo may hold."""
        pastes: list[Paste] = []
        fits = np.ones(self.classes, dtype=np.bool_)
        while len(pastes) < self.builder.most_pastes:
            lacking = self.missing.objects(self.counts + scene_counts(scene, self.classes))
            chances = np.where(self._open(lacking) & fits, lacking, 0)
            if not chances.any():
                break
            of_class = int(rng.choice(self.classes, p=chances / chances.sum()))
            there = len(scene.objects)
            paste = self._paste_one(scene, self.donors_of[of_class], rng, faults)
            if paste is None:
                fits[of_class] = False
                continue
            pastes.append(paste)
            self.missing.saw_pasted(scene, there)
        return pastes

    def _paste_one(
        self,
        scene: Scene,
        donors: NDArray[np.intp],
        rng: np.random.Generator,
        faults: Counter[str],
    ) -> Paste | None:
        """Paste the least used donor; if no placement is found, the next one."""
        free = donors[self.uses[donors] < self.goals.max_reuse]
        order = np.lexsort((rng.random(len(free)), self.turns[free]))
        for donor in free[order[: DRAWS // TRIES]].tolist():
            self.turns[donor] += 1
            for _ in range(TRIES):
                paste = self.builder.paste(scene, donor, rng, faults)
                if paste is not None:
                    self._use(donor)
                    return paste
        return None

    def _use(self, donor: int) -> None:
        self.uses[donor] += 1
        for class_index in _classes_of(self.builder.material.donors[donor]):
            self.room[class_index - 1] -= 1


def _contents(material: Material, classes: int) -> NDArray[np.int64]:
    """Objects of each class on each background, (B, C)."""
    brought = np.zeros((len(material.backgrounds), classes), dtype=np.int64)
    for number, photo in enumerate(material.backgrounds):
        for item in photo.objects:
            if not item.ignore:
                brought[number, item.class_index - 1] += 1
    return brought


def _classes_of(donor: Donor) -> set[int]:
    return {item.class_index for item in donor.objects if not item.ignore}


def _donors_of(material: Material, classes: int) -> Sequence[NDArray[np.intp]]:
    """Indices of the donors with an object of each class."""
    indices: list[list[int]] = [[] for _ in range(classes)]
    for number, donor in enumerate(material.donors):
        for class_index in _classes_of(donor):
            indices[class_index - 1].append(number)
    return [np.array(of_class, dtype=np.intp) for of_class in indices]
