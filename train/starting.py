"""The trained model that a new run starts from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from trashdata.errors import UserError, printable
from trashdata.inference.architectures import class_tensors, find_arch, find_encoder
from trashdata.inference.confusion import channel_names
from trashdata.inference.encoder_weights import NONE
from trashdata.inference.saved import BEST, LoadedModel, ModelCard, find_run, load_model, read_card

from .options import TrainOptions
from .run_folder.resuming import Resumed


@dataclass(frozen=True)
class Start:
    """What a run starts from: the card of a model, and the model, None once a checkpoint has it."""

    card: ModelCard
    model: LoadedModel | None = None

    @property
    def sha256(self) -> str | None:
        """SHA-256 of the model's weights."""
        return None if self.model is None else self.model.sha256


def new_start(name: str, runs: Path) -> Start:
    """Load the model that ``--from`` names: a path, or a run under ``runs``, its best weights.

    Raises
    ------
    UserError : no such model, or one that can't be read.
    """
    model = load_model(find_run(name, runs, option="--from"))
    return Start(model.card, model)


def start_again(resumed: Resumed, name: str, runs: Path) -> Start:
    """As `new_start`, of a run that is resumed; with a checkpoint, the model is not needed again.

    Raises
    ------
    UserError : before the first complete epoch, the model is no longer the same.
    """
    if resumed.trained.epochs:
        return Start(read_card(resumed.folder / BEST))
    start = new_start(name, runs)
    if start.sha256 != resumed.about.from_sha256:
        raise UserError(
            f"--resume {resumed.folder.name}: {printable(name)}",
            expected="the model that the run was started from",
            found="other weights",
            advice="bring them back, or start a new run without --resume",
        )
    return start


def options_from(start: Start, options: TrainOptions, stated: frozenset[str]) -> TrainOptions:
    """The options with the model's architecture and encoder.

    Parameters
    ----------
    stated : the names of the options that the user gave.

    Raises
    ------
    UserError : one of them is another architecture or encoder, or describes a part of the model.
    """
    spec, name = start.card.spec, printable(str(options.from_))
    for option, has_it in (
        ("--encoder-weights", "the model has the weights of its encoder"),
        ("--decoder-channels", "the model has its decoder"),
    ):
        if option[2:].replace("-", "_") in stated:
            raise UserError(
                f"--from {name} and {option}",
                expected="one of the two",
                found="both",
                advice=f"omit {option}: {has_it}",
            )
    for option, find in (("arch", find_arch), ("encoder", find_encoder)):
        has, wanted = getattr(spec, option), getattr(options, option)
        if option in stated and find(wanted) != find(has):
            raise UserError(
                f"--from {name}: --{option}",
                expected=f"{has}, as the model has",
                found=printable(wanted),
                advice=f"omit --{option}, or start without --from",
            )
    return replace(options, arch=spec.arch, encoder=spec.encoder, encoder_weights=NONE)


def carry_over(net: Any, card: ModelCard, model: LoadedModel) -> None:
    """Copy the weights of a model into a new one of the same architecture, in place.

    Output channels are copied by the name of their class; those of other classes stay as they are.

    Parameters
    ----------
    net, card : the new model.
    """
    import torch

    state, given = net.state_dict(), model.module.state_dict()
    pairs = shared_channels(_names(model.card), _names(card))
    ours, theirs = [one for one, _ in pairs], [other for _, other in pairs]
    by_class = class_tensors(card.spec)
    with torch.no_grad():
        for name, tensor in state.items():
            if name in by_class:
                tensor[ours] = given[name][theirs].to(tensor.dtype)
            else:
                tensor.copy_(given[name])


def shared_channels(had: Sequence[str], wanted: Sequence[str]) -> list[tuple[int, int]]:
    """Indices of the channels that have one name: in ``wanted``, and in ``had``.

    >>> shared_channels(["background", "Paper", "Metal"], ["background", "Metal", "Rope"])
    [(0, 0), (1, 2)]
    """
    known = {name: index for index, name in enumerate(had)}
    return [(index, known[name]) for index, name in enumerate(wanted) if name in known]


def start_note(model: LoadedModel, card: ModelCard) -> str:
    """What is told of a run that starts from a model."""
    had, wanted = _names(model.card), _names(card)
    spec = model.card.spec
    text = f"Starts from the weights of {model.name}, {spec.arch} with {spec.encoder}"
    if had == wanted:
        return f"{text}, with the same classes."
    kept = ", ".join(name for name in wanted if name in had)
    fresh = ", ".join(name for name in wanted if name not in had) or "none"
    lost = ", ".join(name for name in had if name not in wanted) or "none"
    return f"{text}; classes that keep their weights: {kept}; new: {fresh}; not used: {lost}."


def _names(card: ModelCard) -> list[str]:
    return channel_names(card.class_names)
