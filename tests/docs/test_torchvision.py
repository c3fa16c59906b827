"""The how-to of torchvision's Mask R-CNN: one step of its loop.

Beside a CPU-only PyTorch, torchvision can't load its compiled operators. The two that the model
needs are replaced by slow ones here; all else is torchvision's own.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from helpers.paths import ROOT
from trashdata.copy_paste import CopyPasteOptions, PasteDataset

from trashdata.inference.backend import import_smp

PAGE = ROOT / "docs" / "how-to" / "torchvision.md"
# A full size and forty photos would take minutes.
SMALLER = {"min_size=512": "min_size=64", "num=40": "num=2, patch=('Paper',), min_area=20"}


def slow_nms(boxes: Any, scores: Any, iou_threshold: float) -> Any:
    """Indices of the boxes (N, 4) that overlap no better one, by falling score."""
    import torch
    from torchvision.ops import box_iou

    left = scores.argsort(descending=True)
    kept = []
    while len(left):
        best, left = left[0], left[1:]
        kept.append(best)
        left = left[box_iou(boxes[best][None], boxes[left])[0] <= iou_threshold]
    return torch.stack(kept) if kept else left


def sampled_roi_align(
    features: Any, boxes: Any, output_size: Any, spatial_scale: float = 1.0, **_: Any
) -> Any:
    """Samples of features (N, C, H, W) in boxes, (rois, C, h, w), by torch's own sampler."""
    import torch
    from torchvision.ops._utils import convert_boxes_to_roi_format

    rois = boxes if isinstance(boxes, torch.Tensor) else convert_boxes_to_roi_format(boxes)
    height, width = features.shape[2:]
    sides = (output_size,) * 2 if isinstance(output_size, int) else output_size
    rows, columns = ((torch.arange(side) + 0.5) / side for side in sides)
    x0, y0, x1, y1 = (rois[:, 1:] * spatial_scale).T[..., None]
    x, y = (x0 + (x1 - x0) * columns) / width, (y0 + (y1 - y0) * rows) / height
    grid = torch.stack(
        [x[:, None].expand(-1, sides[0], -1), y[..., None].expand(-1, -1, sides[1])], dim=-1
    )
    chosen = features[rois[:, 0].long()]
    return torch.nn.functional.grid_sample(chosen, 2 * grid - 1, align_corners=False)


@pytest.fixture
def _operators(monkeypatch: pytest.MonkeyPatch) -> None:
    import_smp()
    from torchvision import extension

    if extension._has_ops():
        return
    monkeypatch.setattr("torchvision.ops.boxes.nms", slow_nms)
    for module in ("ops.poolers", "models.detection.roi_heads"):
        monkeypatch.setattr(f"torchvision.{module}.roi_align", sampled_roi_align)


@pytest.mark.usefixtures("_operators")
def test_target_passes_the_transform_of_the_model(data: Path) -> None:
    import torch
    from torchvision.models.detection.transform import GeneralizedRCNNTransform

    item = PasteDataset(data, CopyPasteOptions(num=1, patch=("Paper",), min_area=20))[0]
    photo = torch.from_numpy(item.photo).permute(2, 0, 1) / 255
    target = item.instances.torchvision_target(0)
    transform = GeneralizedRCNNTransform(192, 192, [0.0] * 3, [1.0] * 3)
    photos, (scaled,) = transform([photo], [target])
    assert photos.tensors.shape == (1, 3, 192, 192)
    assert scaled["masks"].shape == (len(item.instances), 192, 192)
    assert scaled["boxes"].tolist() == (2 * target["boxes"]).tolist()


@pytest.mark.slow
@pytest.mark.usefixtures("_operators")
def test_mask_rcnn_is_trained_by_what_the_page_says(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(data, tmp_path / "input" / "data")
    monkeypatch.chdir(tmp_path)
    blocks = PAGE.read_text(encoding="utf-8").split("```python\n")[1:]
    code = "\n".join(block.split("```")[0] for block in blocks)
    for words, fewer in SMALLER.items():
        assert code.count(words) == 1
        code = code.replace(words, fewer)
    names: dict[str, Any] = {"__name__": "example"}
    exec(compile(code, PAGE.name, "exec"), names)
    losses = {name: loss.item() for name, loss in names["losses"].items()}
    assert losses.keys() >= {"loss_classifier", "loss_box_reg", "loss_mask", "loss_objectness"}
    assert all(0 <= loss < 100 for loss in losses.values()), losses
    assert losses["loss_mask"] > 0
