"""Encoder weights: from ImageNet, from a file, or none."""

from __future__ import annotations

import logging
import socket
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies

from trashdata.errors import UserError, printable
from trashdata.inference.backend import import_smp
from trashdata.inference.packaged_weights import (
    is_packaged_form,
    packaged_weights,
    renamed_in_order,
    same_shapes,
)
from trashdata.runs.hashes import file_sha256

IMAGENET = "imagenet"
# Where training scripts keep the weights in their checkpoints.
_STATE_KEYS = ("state_dict", "model_state_dict", "model", "net")
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


def check_weights(encoder: str, weights: str) -> str | None:
    """Look at the file that an encoder is to start from, before anything is written.

    Parameters
    ----------
    encoder : its name as `trashdata.inference.architectures.find_encoder` gives it.
    weights : ``none``, the name of weights that SMP fetches, or a file.

    Returns
    -------
    The SHA-256 of the file; None for random weights, and for those from the cache or the network.

    Raises
    ------
    UserError : no file, or weights of something else.
    """
    path = weights_file(encoder, weights)
    if path is None:
        return None
    with warnings.catch_warnings():
        # SMP's, of names that it calls by another one.
        warnings.simplefilter("ignore")
        module = import_smp().encoders.get_encoder(encoder, weights=None)
    load_encoder_file(module, encoder, path)
    return file_sha256(path)


def weights_file(encoder: str, weights: str) -> Path | None:
    """The file that holds these weights, in a package or the user's; None if there is none."""
    if weights == NONE:
        return None
    if weights == IMAGENET:
        return packaged_weights(encoder)
    return None if weights in named_weights(encoder) else Path(weights)


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

    Of a checkpoint, the value of ``state_dict``, ``model_state_dict``, ``model`` or ``net`` is
    returned; ``module.`` before every name, which parallel training leaves, is dropped.

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
    content = _state_in(content)
    sound = isinstance(content, dict) and all(
        isinstance(name, str) and isinstance(value, torch.Tensor) for name, value in content.items()
    )
    if not sound or not content:
        found = "something else than tensors by name"
        raise UserError(where, expected="weights", found=found, advice=advice)
    parallel = "module."
    if all(name.startswith(parallel) for name in content):
        return {name.removeprefix(parallel): value for name, value in content.items()}
    return dict(content)


def _state_in(content: Any) -> Any:
    """The state dict in a checkpoint, or the content itself."""
    if isinstance(content, dict):
        for key in _STATE_KEYS:
            if isinstance(content.get(key), dict):
                return content[key]
    return content


def _load(module: Any, state: dict[str, Any], where: str, encoder: str) -> None:
    tensors = module.state_dict()
    if is_packaged_form(state):
        _refuse_same_shapes(where, encoder)
        state = renamed_in_order(state, list(tensors))
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


def _refuse_same_shapes(where: str, encoder: str) -> None:
    """Refuse encoders that take the file and then compute something else."""
    meant = same_shapes(encoder)
    if meant is not None:
        raise UserError(
            where,
            expected=f"the weights of {encoder}, which pads otherwise and has another epsilon",
            found=f"those of {meant}",
            advice=f"did you mean --encoder {meant}?",
        )


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
