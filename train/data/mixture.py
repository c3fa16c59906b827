"""The mixture of a run: how its samples, and the options on drawing them, make its draws."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..options import SamplerName
from ..reading.samples import Sample, synthetic_share
from .choices import ByClass, Choice, InTurn
from .draws import Draws
from .passes import Passes
from .repeat_factors import repeat_factors

Indices = NDArray[np.int64]

_REAL, _SYNTHETIC, _FINALE, _CLASSES = 1, 2, 3, 4


@dataclass(frozen=True)
class Mixture:
    """The training samples, and how they are drawn.

    Parameters
    ----------
    samples : N of them.
    pixels, objects : (N, channels) and (N, classes), labelled pixels and objects on each sample.
    sampler, paste, finale, seed : see `TrainOptions`.
    synthetic_share : of the draws; None is that of the files' photos, by their weights.
    by_steps : whether the run's length is given in steps.
    """

    samples: Sequence[Sample]
    pixels: Indices
    objects: Indices
    sampler: SamplerName = "even"
    paste: float = 0.0
    synthetic_share: float | None = None
    finale: float = 0.0
    seed: int = 42
    by_steps: bool = False

    @property
    def pass_draws(self) -> int:
        """Draws in a pass over the photos, at least 1.

        Where the files' lengths decide how often synthetic photos are seen, and the length of the
        run is given in epochs, these are all photos, each by its weight; else the real ones.
        """
        real = sum(sample.real for sample in self.samples)
        by_files = not (self.by_steps or self._by_share) or not real
        return max(1, round(self._weights.sum()) if by_files else real)

    @property
    def _by_share(self) -> bool:
        """Whether options say how often real photos are drawn, and not the files' lengths alone."""
        return self.paste > 0 or self.synthetic_share is not None or self.sampler != "even"

    @property
    def _weights(self) -> NDArray[np.float64]:
        return np.array([sample.weight for sample in self.samples])

    def draws(self, total: int) -> Draws:
        """The draws of a run of ``total`` draws."""
        every = np.arange(len(self.samples))
        if not (self._by_share or self.finale):
            return Draws(self.seed, InTurn(self._passes(every, _REAL)))
        real = np.array([sample.real for sample in self.samples], dtype=np.bool_)
        people = real & [not sample.pseudo for sample in self.samples]
        share = self.synthetic_share
        return Draws(
            self.seed,
            self._sampled(every[real], _REAL) if real.any() else None,
            InTurn(self._passes(every[~real], _SYNTHETIC)) if not real.all() else None,
            self._sampled(every[people], _FINALE) if people.any() else None,
            paste_share=self.paste,
            synthetic_share=synthetic_share(self.samples, self.paste) if share is None else share,
            main=total - round(self.finale * total) if self.finale else None,
        )

    def _passes(self, members: Indices, stream: int) -> Passes:
        return Passes(members, self._weights[members], [self.seed, stream])

    def _sampled(self, members: Indices, stream: int) -> Choice:
        """The chosen sampler on some of the samples."""
        if self.sampler == "even":
            return InTurn(self._passes(members, stream))
        if self.sampler == "repeat-factor":
            factors, of_member = repeat_factors(self.objects[members])
            classes = np.zeros(len(self.samples), dtype=np.int64)
            classes[members] = of_member
            return InTurn(Passes(members, factors, [self.seed, stream]), classes)
        return ByClass(
            members,
            self.pixels[members],
            [self.seed, stream, _CLASSES],
            InTurn(self._passes(members, stream)),
            by_iou=self.sampler == "iou",
        )
