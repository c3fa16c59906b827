"""Encoder weights: from ImageNet, from a file, or none."""

from __future__ import annotations

import logging
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies

from trashdata.errors import UserError, printable
from trashdata.inference.backend import import_smp

IMAGENET = "imagenet"
NONE = "none"


def named_weights(encoder: str) -> tuple[str, ...]:
    """Names of SMP's pretrained weights for an encoder."""
    settings = import_smp().encoders.encoders.get(encoder, {}).get("pretrained_settings", {})
    # ``imagenet`` is always tried, so that the error is about missing weights.
    return tuple(dict.fromkeys((IMAGENET, *settings)))


@contextmanager
def fetching(encoder: str, weights: str) -> Iterator[None]:
    """Context for building a model with weights from the cache or the network."""
    try:
        with _quiet_hub():
            yield
    # Each library raises its own errors without a network.
    except Exception as error:
        raise UserError(
            f"--encoder-weights {weights}",
            expected=f"weights of {encoder} from the network or the cache",
            found="no network, and no copy in the cache" if _offline(error) else _first_line(error),
            advice="pass the file of a state dict, or 'none' to start from random weights",
        ) from None


def _offline(error: Exception) -> bool:
    from huggingface_hub.errors import LocalEntryNotFoundError, OfflineModeIsEnabled

    return isinstance(error, LocalEntryNotFoundError | OfflineModeIsEnabled)


@contextmanager
def _quiet_hub() -> Iterator[None]:
    """Silence Hugging Face's client, and avoid a minute of futile retries."""
    from huggingface_hub import constants

    logger = logging.getLogger("huggingface_hub")
    level, offline = logger.level, constants.HF_HUB_OFFLINE
    logger.setLevel(logging.CRITICAL)
    constants.HF_HUB_OFFLINE = offline or not _reachable(constants.ENDPOINT)
    try:
        yield
    finally:
        logger.setLevel(level)
        constants.HF_HUB_OFFLINE = offline


def _reachable(endpoint: str) -> bool:
    """Whether the host name can be resolved; always true with a proxy."""
    if getproxies():
        return True
    try:
        socket.getaddrinfo(urlsplit(endpoint).hostname, 443)
    except OSError:
        return False
    return True


def load_encoder_file(module: Any, encoder: str, path: Path) -> None:
    """Load weights from a file into an encoder of 3 input channels, in place.

    The file holds a state dict of the encoder or of a whole model.

    Raises
    ------
    UserError : no file, or weights of another model.
    """
    if not path.is_file():
        raise UserError(
            f"--encoder-weights {printable(str(path))}",
            expected="imagenet, none, or the file of a state dict",
            found="no file of that name",
            advice="check the path",
        )
    _load(module, read_state(path), f"--encoder-weights {printable(str(path))}", encoder)


def _first_line(error: Exception) -> str:
    sentence = str(error).strip().split("\n")[0].split(". ")[0] or type(error).__name__
    return printable(sentence.rstrip(".:")[:160])


def read_state(path: Path) -> dict[str, Any]:
    """Read a state dict from a file, without running code in it.

    Of a Lightning checkpoint, the value of ``state_dict`` is returned.

    Raises
    ------
    UserError : no file, or not a dict of tensors by name.
    """
    import torch

    where = printable(str(path))
    advice = "pass a state dict, as safetensors or as torch.save writes one"
    try:
        if path.suffix == ".safetensors":
            from safetensors.torch import load_file

            content: Any = load_file(path)
        else:
            content = torch.load(path, map_location="cpu", weights_only=True)
    except FileNotFoundError:
        raise UserError(where, expected="weights", found="no file", advice=advice) from None
    # Both libraries raise their own errors for a broken file.
    except Exception as error:
        found = f"a file that can't be read ({_first_line(error)})"
        raise UserError(where, expected="weights", found=found, advice=advice) from None
    if isinstance(content, dict) and isinstance(content.get("state_dict"), dict):
        content = content["state_dict"]
    sound = isinstance(content, dict) and all(
        isinstance(name, str) and isinstance(value, torch.Tensor) for name, value in content.items()
    )
    if not sound or not content:
        found = "something else than tensors by name"
        raise UserError(where, expected="weights", found=found, advice=advice)
    state: dict[str, Any] = content
    return state


def _load(module: Any, state: dict[str, Any], where: str, encoder: str) -> None:
    tensors = module.state_dict()
    best = max((_renamed(state, tensors, prefix) for prefix in _PREFIXES), key=len)
    # A classifier's head is ignored; not every file has batch counters.
    missing = [name for name in tensors if name not in best and "num_batches_tracked" not in name]
    if missing:
        raise UserError(
            where,
            expected=f"the weights of {encoder}",
            found=f"{len(best)} of its {len(tensors)} tensors, not {printable(missing[0])}",
            advice="pass the weights of this very encoder, or 'none'",
        )
    module.load_state_dict({**tensors, **best})


# Prefixes of names in files of: an encoder, timm, a model, a Lightning module.
_PREFIXES = ("", "model.", "encoder.", "encoder.model.", "model.encoder.", "model.encoder.model.")


def _renamed(state: dict[str, Any], tensors: dict[str, Any], prefix: str) -> dict[str, Any]:
    """The tensors that match ``tensors`` by name and shape after dropping ``prefix``."""
    fitting = {}
    for name, value in state.items():
        plain = name.removeprefix(prefix)
        for candidate in (plain, f"model.{plain}"):
            if candidate in tensors and tensors[candidate].shape == value.shape:
                fitting[candidate] = value
    return fitting
