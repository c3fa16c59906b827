"""Photos on their way from a loader's workers: shared memory where it is large enough, or pipes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
import torch
from helpers.reporters import Notes
from helpers.training import run_tiny
from trashdata.train.data.dataset import Photos
from trashdata.train.data.loading import Data, Loading
from trashdata.train.data.mixture import Mixture
from trashdata.train.data.transport import collate, collate_arrays, in_flight
from trashdata.train.reading.samples import Sample

from trashdata.coco.read import read_document
from trashdata.errors import UserError
from trashdata.inference.resolution import Resolution

MIB = 2**20
PLAIN_CONTAINER = 64 * MIB


def loading(**changes: Any) -> Loading:
    settings: dict[str, Any] = {
        "resolution": Resolution("resize", 64),
        "augment": (),
        "mean": (0.5, 0.5, 0.5),
        "batch_size": 4,
        "epochs": 1,
        "steps": None,
        "workers": 2,
        "seed": 1,
    }
    return Loading(**{**settings, **changes})


def data_of(data: Path, side: int = 96, **changes: Any) -> Data:
    """Loaders of the sample set's photos, or of ones that are said to be of another size."""
    document = read_document(data / "val.json")
    images = [msgspec.structs.replace(i, width=side, height=side) for i in document.images]
    photos = Photos([document], [Sample(0, image) for image in images], data, "auto")
    nothing = np.zeros((len(images), 2), dtype=np.int64)
    return Data(photos, photos, Mixture(photos.samples, nothing, nothing), loading(**changes))


def test_twelve_megapixels_go_through_pipes_in_a_plain_container(data: Path) -> None:
    large = data_of(data, side=3464)
    assert not large.check_room(1, PLAIN_CONTAINER)
    assert large.check_room(1, 8 * 1024 * MIB)
    assert large.check_room(1, None)
    assert in_flight(2, 4 * 3464**2) == 6 * 4 * 3464**2


def test_small_photos_go_through_shared_memory(data: Path) -> None:
    assert data_of(data).check_room(1, PLAIN_CONTAINER)
    assert not data_of(data).check_room(100, PLAIN_CONTAINER)
    assert data_of(data, side=3464, workers=0).check_room(1, 0)


def test_large_batches_count_as_well(data: Path) -> None:
    batch = {"resolution": Resolution("resize", 1024), "batch_size": 8}
    assert not data_of(data, **batch).check_room(1, PLAIN_CONTAINER)


@pytest.mark.slow
def test_batches_are_the_same_either_way(data: Path) -> None:
    found = []
    for left in (0, None):
        module = data_of(data, workers=1)
        module.check_room(1, left)
        loaders = (module.train_dataloader(), module.val_dataloader())
        raw = [batch for loader in loaders for batch in loader]
        kind = torch.Tensor if left is None else np.ndarray
        assert all(isinstance(part, kind) for batch in raw for part in batch)
        found.append([module.on_before_batch_transfer(batch, 0) for batch in raw])
    for one, other in zip(*found, strict=True):
        for part, same in zip(one, other, strict=True):
            assert part.dtype == same.dtype
            assert torch.equal(part, same)


@pytest.mark.parametrize("gather", [collate, collate_arrays])
def test_an_error_takes_the_place_of_the_batch(gather: Any) -> None:
    error = UserError("a.jpg", expected="a photo", found="none", advice="bring it")
    sound = np.zeros((4, 4, 3), np.uint8), np.zeros((4, 4), np.uint8), 0
    assert gather([sound, error], fill=(0, 0, 0)) is error


def test_a_run_with_little_shared_memory_says_so(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("trashdata.train.data.transport.shared_memory_left", lambda: 1000)
    reporter = Notes()
    outcome = run_tiny(data, epochs=1, workers=1, reporter=reporter)
    assert outcome.figures["epochs"] == 1
    assert [note for note in reporter.notes if "/dev/shm" in note]


@pytest.mark.parametrize(
    ("raised", "found"),
    [
        ("DataLoader worker (pid 7) is killed by signal: Bus error. It is", "DataLoader worker"),
        ("Caught RuntimeError in ...: unable to allocate shared memory(shm)", "too little shared"),
    ],
)
def test_a_worker_that_fails_is_one_sentence(
    raised: str, found: str, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from trashdata.train.fitting.module import Segmenter

    def fail(*_: Any) -> None:
        raise RuntimeError(raised)

    monkeypatch.setattr(Segmenter, "training_step", fail)
    with pytest.raises(UserError, match=rf"--workers: .* found {found}.*; .* --workers 0"):
        run_tiny(data)
