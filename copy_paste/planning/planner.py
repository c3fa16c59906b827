"""Planning towards goals: one photo after the other, each in view of what all before it hold.

That makes planning sequential, whatever the number of workers; they are handed the plans,
a shard each, to write down what follows from them. Photo i draws from a stream of its own.
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
from ..goals.targets import Tally
from .candidates import DRAWS, Material
from .maker import Maker
from .plan import BACKGROUNDS, Paste, PhotoPlan
from .scene import Scene
from .shortfall import Shortfall

_PHOTO_STREAM = 3
# Jitters that are drawn for a background, while it brings too much of what there is enough of.
JITTERS = 8
# Of an earlier use of a background, against an object of a class that there is enough of.
_WEIGHT_OF_USE = 0.5
# Further uses weigh no more: a crowded photo is no better for having been spared.
_USES_THAT_COUNT = 40
# Draws for one donor, before another one of its class has its turn.
TRIES = 5


@dataclass(frozen=True)
class GoalPlan:
    """Photos by rising index, and what the resulting JSON holds with them.

    ``best``: the most that was held of each target's class meanwhile, in the target's unit, by
    class index; ``faults``: if planning ended because nothing found a place, why not, and how
    often.
    """

    photos: tuple[PhotoPlan, ...]
    tally: Tally
    best: Mapping[int, float]
    faults: Mapping[str, int]


def scene_tally(scene: Scene, classes: int) -> Tally:
    """What is visible of each class."""
    tally = Tally.empty(classes)
    for item in scene.objects:
        if item.visible > 0 and not item.source.ignore:
            tally.objects[item.source.class_index - 1] += 1
            tally.pixels[item.source.class_index - 1] += item.visible
    return tally


class Planner:
    """Chooses photos, backgrounds and donors until the goals are met.

    A background is the one that brings least of what there is enough of already, where two
    earlier uses count as much as one such object. A class is drawn by how many objects it lacks,
    and of its donors it is the turn of the one that was chosen least often. Ties are drawn.
    """

    def __init__(self, maker: Maker, goals: Goals, limit: int) -> None:
        material = maker.material
        self.maker, self.goals, self.limit = maker, goals, limit
        self.classes = len(goals.before.objects)
        self.tally = goals.before
        self.best = {target.class_index: target.held(self.tally) for target in goals.targets}
        sizes = [math.prod(material.size_on(k)) for k in range(len(material.backgrounds))]
        self.shortfall = Shortfall(goals.targets, self.classes, float(np.mean(sizes)))
        self.brought = _contents(material, self.classes)
        self.background_uses = np.zeros(len(material.backgrounds), dtype=np.int64)
        self.donors_of = _donors_of(material, self.classes)
        self.uses = np.zeros(len(material.donors), dtype=np.int64)
        # Also counts the turns in which a donor found no place.
        self.turns = np.zeros_like(self.uses)
        # Pastes that the donors of each class have left.
        self.room = np.array([len(donors) * goals.max_reuse for donors in self.donors_of])

    def run(self, tick: Tick) -> GoalPlan:
        """Plan until nothing is missing, or nothing more can be done about it.

        What the caps leave unmet is for the caller to judge. ``tick`` is told how many objects
        fewer are missing.
        """
        photos: list[PhotoPlan] = []
        faults: Counter[str] = Counter()
        least = self.objects_lacking()
        while len(photos) < self.limit and self._open(self.shortfall.objects(self.tally)).any():
            photo = self._plan_photo(len(photos), faults)
            if photo is None:
                break
            faults.clear()
            photos.append(photo)
            left = min(least, self.objects_lacking())
            tick(least - left)
            least = left
        return GoalPlan(tuple(photos), self.tally, self.best, faults)

    def objects_lacking(self) -> int:
        """Objects that are missing at the moment, of all classes."""
        return math.ceil(float(self.shortfall.objects(self.tally).sum()))

    def _open(self, lacking: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Classes that lack something and have a donor left, (C,)."""
        return (lacking > 0) & (self.room > 0)

    def _plan_photo(self, index: int, faults: Counter[str]) -> PhotoPlan | None:
        """The next photo; None if nothing finds a place on any of several backgrounds."""
        rng = np.random.default_rng([self.maker.material.options.seed, _PHOTO_STREAM, index])
        for _ in range(BACKGROUNDS):
            background = self._choose_background(rng)
            jitter, scene = self._choose_scene(background, rng)
            self.background_uses[background] += 1
            pastes = self._fill(scene, rng, faults)
            if pastes:
                self.tally += scene_tally(scene, self.classes)
                for target in self.goals.targets:
                    held = target.held(self.tally)
                    self.best[target.class_index] = max(self.best[target.class_index], held)
                return PhotoPlan(index, background, jitter, tuple(pastes))
        return None

    # --- the background ---

    def _burden(
        self, brought: NDArray[np.int64], lacking: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """How much of what there is enough of is brought along, (...,), by objects (..., C)."""
        burden: NDArray[np.float64] = np.maximum(0, brought - lacking) @ self.shortfall.weights
        return burden

    def _choose_background(self, rng: np.random.Generator) -> int:
        lacking = self.shortfall.objects(self.tally)
        # What the donors can't give, backgrounds may.
        starved = np.maximum(0, lacking - self.room)
        gain = np.minimum(self.brought, starved).sum(axis=1)
        uses = np.minimum(self.background_uses, _USES_THAT_COUNT)
        score = self._burden(self.brought, lacking) - gain + _WEIGHT_OF_USE * uses
        return int(rng.choice(np.flatnonzero(score == score.min())))

    def _choose_scene(self, background: int, rng: np.random.Generator) -> tuple[Transform, Scene]:
        """Of a few jitters, the one that brings least of what there is enough of."""
        lacking = self.shortfall.objects(self.tally)
        best: tuple[float, Transform, Scene] | None = None
        for _ in range(JITTERS):
            jitter, scene = self.maker.draw(background, rng)
            burden = float(self._burden(scene_tally(scene, self.classes).objects, lacking))
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
        while len(pastes) < self.maker.most_pastes:
            lacking = self.shortfall.objects(self.tally + scene_tally(scene, self.classes))
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
            self.shortfall.saw_pasted(scene, there)
        return pastes

    def _paste_one(
        self,
        scene: Scene,
        donors: NDArray[np.intp],
        rng: np.random.Generator,
        faults: Counter[str],
    ) -> Paste | None:
        """Paste the donor whose turn it is; where it finds no place, the next one."""
        free = donors[self.uses[donors] < self.goals.max_reuse]
        order = np.lexsort((rng.random(len(free)), self.turns[free]))
        for donor in free[order[: DRAWS // TRIES]].tolist():
            self.turns[donor] += 1
            for _ in range(TRIES):
                paste = self.maker.paste(scene, donor, rng, faults)
                if paste is not None:
                    self._use(donor)
                    return paste
        return None

    def _use(self, donor: int) -> None:
        self.uses[donor] += 1
        for class_index in _classes_of(self.maker.material.donors[donor]):
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
    """Indices of the donors that bring an object of each class."""
    indices: list[list[int]] = [[] for _ in range(classes)]
    for number, donor in enumerate(material.donors):
        for class_index in _classes_of(donor):
            indices[class_index - 1].append(number)
    return [np.array(of_class, dtype=np.intp) for of_class in indices]
