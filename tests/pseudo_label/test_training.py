"""Training on pseudo-labels: what is unsure has no part in any loss or metric."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import numpy as np
import pytest
from helpers.masks import mask_of
from helpers.pseudo_label import CHANNELS, make_photos, stub
from trashdata.pseudo_label import PseudoOptions, pseudo

from trashdata.coco.read import read_document
from trashdata.inference.confusion import confusion

torch = pytest.importorskip("torch")

from trashdata.train.data.dataset import Photos  # noqa: E402
from trashdata.train.losses.losses import make_loss  # noqa: E402
from trashdata.train.model_options import Loss  # noqa: E402
from trashdata.train.reading.samples import Sample  # noqa: E402


def test_unsure_pixels_count_in_no_loss_and_no_metric(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("trashdata.pseudo_label.writing.contact_sheet.EACH", 1)
    data = tmp_path / "data"
    make_photos(data, 3)
    pseudo(data, PseudoOptions(masks=True, threshold=0.7, min_area=20), models=stub())
    document = read_document(data / "pseudo.json")
    photos = Photos([document], [Sample(0, image) for image in document.images], data, "auto")
    labels = np.stack([photos.read(place)[1] for place in range(3)])
    for image, own in zip(document.images, labels, strict=True):
        assert np.array_equal(own, mask_of(data / "pseudo" / "masks", image.file_name))
    unsure = labels == 255
    assert 0.05 < unsure.mean() < 0.95

    torch.manual_seed(0)
    truth = torch.from_numpy(labels).long()
    logits = torch.randn(3, CHANNELS, *labels.shape[1:])
    changed = logits.clone()
    changed.permute(0, 2, 3, 1)[torch.from_numpy(unsure)] = torch.randn(CHANNELS) * 30
    for name in get_args(Loss):
        loss = make_loss(name)
        assert torch.allclose(loss(changed, truth, None), loss(logits, truth, None), atol=1e-6)
        leaf = logits.clone().requires_grad_()
        loss(leaf, truth, None).backward()
        gradient = leaf.grad.permute(0, 2, 3, 1)
        assert not gradient[torch.from_numpy(unsure)].any()
        assert gradient[torch.from_numpy(~unsure)].any()
    predictions = [part.argmax(dim=1).byte().numpy() for part in (logits, changed)]
    assert (predictions[0] != predictions[1]).any()
    first, second = (confusion(labels, p, CHANNELS) for p in predictions)
    assert np.array_equal(first, second)
    assert first.sum() == (~unsure).sum()
