"""What this machine trains on."""

from __future__ import annotations


def has_gpu() -> bool:
    """Whether PyTorch finds a GPU, NVIDIA's, AMD's or Apple's."""
    import torch

    return torch.cuda.is_available() or torch.backends.mps.is_available()
