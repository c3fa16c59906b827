"""Object-Contextual Representations on any SMP encoder, as an SMP ``SegmentationModel``."""

from __future__ import annotations

from functools import cache
from typing import Any

from trashdata.inference.backend import import_smp, import_torch


@cache
def ocr_class() -> Any:
    """Define the class of the model; inside a function, since its bases need SMP and torch.

    References
    ----------
    Yuan, Chen, Wang 2020, "Object-Contextual Representations for Semantic Segmentation",
    arXiv 1909.11065. Soft object regions are the auxiliary head's softmax over all pixels
    (equation 1), a region is the mean of its pixels' features (2), and each pixel attends to the
    regions (3, 4) with keys and queries of two 1x1 convolutions.

    Notes
    -----
    The paper reads HRNet's four resolutions, or the last two stages of a dilated ResNet. Here the
    encoder's features of strides 4 to 32 are resized to stride 4 and concatenated, as in its HRNet
    variant; ``decoder_stride`` 8 costs a quarter. Encoders with more channels than HRNet-W48, the
    paper's widest, are first reduced to its number of channels.
    """
    torch = import_torch()
    smp = import_smp()
    from segmentation_models_pytorch.base.hub_mixin import supports_config_loading

    from trashdata.inference.ocr_layers import layer_classes

    layers = layer_classes()

    class OCR(smp.base.SegmentationModel):  # type: ignore[misc,name-defined]
        """Logits at the input's size; in training (logits, auxiliary logits)."""

        @supports_config_loading  # type: ignore[untyped-decorator]
        def __init__(
            self,
            encoder_name: str = "tu-hrnet_w48",
            encoder_depth: int = 5,
            encoder_weights: str | None = None,
            decoder_channels: int = 512,
            decoder_key_channels: int = 256,
            decoder_dropout: float = 0.05,
            decoder_stride: int = 4,
            in_channels: int = 3,
            classes: int = 1,
            **kwargs: Any,
        ) -> None:
            super().__init__()
            if encoder_name.startswith("tu-hrnet"):
                # The paper's branches; timm's default ones, for its classifier, are twice as wide.
                kwargs = {"feature_location": "", **kwargs}
            self.encoder = smp.encoders.get_encoder(
                encoder_name,
                in_channels=in_channels,
                depth=encoder_depth,
                weights=encoder_weights,
                **kwargs,
            )
            self.decoder = layers.Decoder(
                self.encoder.out_channels,
                classes,
                width=decoder_channels,
                keys=decoder_key_channels,
                dropout=decoder_dropout,
                stride=decoder_stride,
            )
            self.segmentation_head = torch.nn.Conv2d(decoder_channels, classes, 1)
            self.classification_head = None
            self.name = f"ocr-{encoder_name}"
            self.initialize()

        def forward(self, x: Any) -> Any:
            self.check_input_shape(x)
            context, regions = self.decoder(self.encoder(x))
            logits = _resize(self.segmentation_head(context), x.shape[-2:])
            return (logits, _resize(regions, x.shape[-2:])) if self.training else logits

    def _resize(maps: Any, size: Any) -> Any:
        how = {"mode": "bilinear", "align_corners": False}
        return torch.nn.functional.interpolate(maps, size=size, **how)

    return OCR
