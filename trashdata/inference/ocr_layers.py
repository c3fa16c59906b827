"""The layers of the OCR head; see `trashdata.inference.ocr`."""

from __future__ import annotations

from functools import cache
from types import SimpleNamespace
from typing import Any

from trashdata.inference.backend import import_torch

# Channels of HRNet-W48: of its deepest branch, and of all four together.
_WIDEST_LEVEL, _WIDEST = 384, 720


@cache
def layer_classes() -> SimpleNamespace:
    """Define the decoder's class; inside a function, since its bases need torch."""
    torch = import_torch()
    nn = torch.nn

    def block(inputs: int, outputs: int, kernel: int = 1) -> Any:
        convolution = nn.Conv2d(inputs, outputs, kernel, padding=kernel // 2, bias=False)
        return nn.Sequential(convolution, nn.BatchNorm2d(outputs), nn.ReLU(inplace=True))

    class Attention(nn.Module):  # type: ignore[misc,name-defined]
        """Attention of pixels to regions: mean of the regions' features, weighted by similarity."""

        def __init__(self, width: int, keys: int) -> None:
            super().__init__()
            self.keys = keys
            self.query = nn.Sequential(block(width, keys), block(keys, keys))
            self.key = nn.Sequential(block(width, keys), block(keys, keys))
            self.value = block(width, keys)
            self.out = block(keys, width)

        def forward(self, pixels: Any, regions: Any) -> Any:
            """pixels (N, width, h, w), regions (N, width, K, 1) -> (N, width, h, w)."""
            count, _, height, width = pixels.shape
            query = self.query(pixels).flatten(2).transpose(1, 2)  # N, hw, keys
            key = self.key(regions).flatten(2)  # N, keys, K
            value = self.value(regions).flatten(2).transpose(1, 2)  # N, K, keys
            fit = torch.softmax(query @ key * self.keys**-0.5, dim=-1)
            context = (fit @ value).transpose(1, 2)
            return self.out(context.reshape(count, self.keys, height, width))

    class Decoder(nn.Module):  # type: ignore[misc,name-defined]
        """From an encoder's features to pixel features with context, and the regions' logits."""

        def __init__(
            self,
            encoder_channels: list[int],
            classes: int,
            *,
            width: int,
            keys: int,
            dropout: float,
            stride: int,
        ) -> None:
            super().__init__()
            # Strides 1 and 2 are left out: full-size features cost most and help least.
            given = encoder_channels[2:]
            kept = [min(channels, _WIDEST_LEVEL) for channels in given]
            inputs = sum(kept)
            hidden = min(inputs, _WIDEST)
            self.stride = stride
            self.narrow = nn.ModuleList(
                nn.Identity() if before == after else block(before, after)
                for before, after in zip(given, kept, strict=True)
            )
            self.regions = nn.Sequential(block(inputs, hidden), nn.Conv2d(hidden, classes, 1))
            self.pixels = block(inputs, width, 3)
            self.attention = Attention(width, keys)
            self.join = nn.Sequential(block(2 * width, width), nn.Dropout2d(dropout))

        def forward(self, features: list[Any]) -> tuple[Any, Any]:
            height, width = (side // self.stride for side in features[0].shape[-2:])
            maps = [
                nn.functional.interpolate(
                    narrow(feature), size=(height, width), mode="bilinear", align_corners=False
                )
                for narrow, feature in zip(self.narrow, features[2:], strict=True)
            ]
            joined = torch.cat(maps, dim=1)
            regions = self.regions(joined)
            pixels = self.pixels(joined)
            # Over pixels, not over classes: each region is a weighted mean of pixel features.
            share = torch.softmax(regions.flatten(2).float(), dim=-1).to(pixels.dtype)
            means = (pixels.flatten(2) @ share.transpose(1, 2)).unsqueeze(-1)
            context = self.attention(pixels, means)
            return self.join(torch.cat([context, pixels], dim=1)), regions

    return SimpleNamespace(Decoder=Decoder)
