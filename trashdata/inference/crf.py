"""Refining probabilities with a fully connected conditional random field; extra ``[crf]``."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trashdata.errors import UserError

ROUNDS = 10
# Standard deviations in pixels and in gray values, and weights of the two pairwise terms.
_NEAR = {"sxy": 3, "compat": 3}
_ALIKE = {"sxy": 60, "srgb": 5, "compat": 4}
_LEAST = 1e-6


def import_crf() -> Any:
    """Import pydensecrf.densecrf; without it, raise an error that says how to install it."""
    try:
        return import_module("pydensecrf.densecrf")
    except ImportError:
        raise UserError(
            "--crf",
            expected="pydensecrf2 to be installed",
            found="no module pydensecrf",
            advice="run pip install 'trashdata[crf]', which needs a C++ compiler",
        ) from None


def refine(photo: NDArray[np.uint8], probabilities: NDArray[np.float32]) -> NDArray[np.float32]:
    """Refine probabilities along the photo's edges.

    Parameters
    ----------
    photo : (H, W, 3) uint8 RGB.
    probabilities : (channels, H, W) float32, adding up to 1.

    Returns
    -------
    As ``probabilities``, after `ROUNDS` rounds of mean field inference.

    References
    ----------
    Krähenbühl, Koltun 2011, "Efficient Inference in Fully Connected CRFs with Gaussian Edge
    Potentials", NIPS. The constants are in the ranges of Chen et al. 2018, "DeepLab", TPAMI,
    section 4.3.
    """
    module = import_crf()
    channels, height, width = probabilities.shape
    field = module.DenseCRF2D(width, height, channels)
    energy = -np.log(np.clip(probabilities, _LEAST, 1)).reshape(channels, -1)
    field.setUnaryEnergy(np.ascontiguousarray(energy, dtype=np.float32))
    field.addPairwiseGaussian(**_NEAR)
    field.addPairwiseBilateral(**_ALIKE, rgbim=np.ascontiguousarray(photo))
    refined = np.asarray(field.inference(ROUNDS), dtype=np.float32)
    return refined.reshape(channels, height, width)
