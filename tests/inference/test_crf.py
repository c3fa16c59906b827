"""Refining with a conditional random field, and the sentence where its library is missing."""

from __future__ import annotations

import numpy as np
import pytest

from trashdata.errors import UserError
from trashdata.inference import crf


def test_refining_follows_the_edges_of_the_photo() -> None:
    pytest.importorskip("pydensecrf.densecrf")
    rng = np.random.default_rng(0)
    truth = np.zeros((60, 80), dtype=np.int64)
    truth[15:45, 20:60] = 1
    photo = np.where(truth[..., None] == 1, np.uint8([200, 60, 30]), np.uint8([40, 90, 160]))
    unsure = rng.random((60, 80)) * 0.7 + 0.15
    noisy = np.where(truth == 1, np.clip(unsure + 0.1, 0, 1), np.clip(unsure - 0.1, 0, 1))
    given = np.stack([1 - noisy, noisy]).astype(np.float32)
    kept = given.copy()
    refined = crf.refine(photo.astype(np.uint8), given)
    assert (refined.shape, refined.dtype) == ((2, 60, 80), np.float32)
    assert np.allclose(refined.sum(axis=0), 1, atol=1e-4)
    assert (given.argmax(axis=0) == truth).mean() < 0.8
    assert (refined.argmax(axis=0) == truth).mean() > 0.99
    assert np.array_equal(given, kept)


def test_a_missing_library_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> None:
        raise ModuleNotFoundError(name)

    monkeypatch.setattr(crf, "import_module", missing)
    with pytest.raises(UserError, match=r"run pip install 'trashdata\[crf\]'"):
        crf.refine(np.zeros((2, 2, 3), np.uint8), np.full((2, 2, 2), 0.5, np.float32))
