"""Models on disk: SMP's files, and the model card."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from trashdata.coco.document import Document
from trashdata.errors import UserError, nearest, printable
from trashdata.inference.architectures import ModelSpec, build_model
from trashdata.inference.encoder_weights import NONE, read_state
from trashdata.inference.resolution import Resolution, Rgb
from trashdata.palette import IGNORE_INDEX
from trashdata.runs.files import make_folders, write_atomically
from trashdata.runs.hashes import file_sha256

if TYPE_CHECKING:
    import torch

CARD = "trashdata.json"
WEIGHTS = "model.safetensors"
BEST = "best"
RUNS = Path("runs")


class ModelCard(msgspec.Struct, frozen=True):
    """The model card, a file beside a model's weights.

    ``classes``: category id and name in the order of label maps, background not among them;
    ``mean``, ``std``: per channel RGB, for values from 0 to 1; ``val_miou``: of these weights, as
    `trashdata.inference.predictor.evaluate_model` computes it, None if unknown; ``val_iou``: by
    channel name.
    """

    spec: ModelSpec
    classes: tuple[tuple[int, str], ...]
    resolution: Resolution
    mean: Rgb
    std: Rgb
    val_miou: float | None = None
    val_iou: dict[str, float | None] = {}
    ignore: int = IGNORE_INDEX
    made_by: str = "trashdata train"

    @property
    def class_names(self) -> list[str]:
        """Names of the classes, in the order of label maps."""
        return [name for _, name in self.classes]


@dataclass(frozen=True)
class LoadedModel:
    """A model in eval mode; ``path``: its folder or checkpoint, ``sha256``: of the weights' file.

    ``name``: of the run, for messages.
    """

    module: Any
    card: ModelCard
    path: Path
    sha256: str
    name: str

    @property
    def device(self) -> torch.device:
        """The device of its weights."""
        device: torch.device = next(self.module.parameters()).device
        return device


def classes_of(document: Document) -> tuple[tuple[int, str], ...]:
    """A document's classes in the form of the model card."""
    return tuple((category.id, category.name) for category in document.class_categories)


def save_model(model: Any, card: ModelCard, folder: Path) -> None:
    """Write a model: SMP's ``save_pretrained`` (safetensors, config.json), and the model card.

    ``config.json`` names no encoder weights: they are in the file, and loading it must not use the
    network.
    """
    make_folders([folder])
    model.save_pretrained(folder, config=_config(model, card))
    spec = msgspec.structs.replace(card.spec, encoder_weights=NONE)
    content = msgspec.json.encode(msgspec.structs.replace(card, spec=spec))
    write_atomically(folder / CARD, msgspec.json.format(content, indent=1) + b"\n")


def _config(model: Any, card: ModelCard) -> dict[str, Any]:
    config = {**model.config, "encoder_weights": None, "_model_class": type(model).__name__}
    return {**config, "classes": card.spec.channels}


def read_card(folder: Path) -> ModelCard:
    """Read the model card in a folder."""
    path = folder / CARD
    advice = "pass a run of 'trashdata train', or its folder best"
    try:
        card = msgspec.json.decode(path.read_bytes(), type=ModelCard)
    except FileNotFoundError:
        raise UserError(
            printable(str(folder)), expected="a trained model", found=f"no {CARD}", advice=advice
        ) from None
    except (OSError, msgspec.DecodeError, UnicodeDecodeError) as error:
        raise UserError(
            printable(str(path)),
            expected="a model card",
            found=printable(str(error)),
            advice=advice,
        ) from None
    if card.spec.channels != 1 + len(card.classes):
        raise UserError(
            printable(str(path)),
            expected=f"{1 + len(card.classes)} channels, one for the background and each class",
            found=f"{card.spec.channels}",
            advice=advice,
        )
    return card


def card_of(path: Path | str) -> ModelCard:
    """Read the model card of the model that `load_model` would load."""
    return read_card(_files(Path(path))[0])


def load_model(path: Path | str) -> LoadedModel:
    """Load a model from a run's folder, a folder that `save_model` wrote, or a run's checkpoint.

    Weights come from safetensors, or from a checkpoint, without running code in it; the model is
    built from names in the card that SMP knows. So no code in the files is run, and nothing is
    fetched.

    Raises
    ------
    UserError : no such model, or a card or weights that can't be read or don't match.
    """
    path = Path(path)
    folder, file = _files(path)
    card = read_card(folder)
    module = build_model(msgspec.structs.replace(card.spec, encoder_weights=NONE))
    _load_state(module, read_state(file), file)
    run = folder.parent if folder.name == BEST else folder
    return LoadedModel(module.eval(), card, path, file_sha256(file), run.resolve().name)


def _files(path: Path) -> tuple[Path, Path]:
    """The folder of the card and the file of the weights."""
    if path.suffix == ".ckpt":
        return path.parent / BEST, path
    folder = path / BEST if (path / BEST).is_dir() else path
    return folder, folder / WEIGHTS


def _load_state(module: Any, state: dict[str, Any], file: Path) -> None:
    tensors = module.state_dict()
    # Names in a Lightning checkpoint begin with the model's attribute in the module.
    for prefix in ("", "model.", "net."):
        renamed = {name.removeprefix(prefix): value for name, value in state.items()}
        known = {name: value for name, value in renamed.items() if name in tensors}
        if known.keys() == tensors.keys():
            break
    wrong = [
        name for name in tensors if name not in known or known[name].shape != tensors[name].shape
    ]
    if wrong:
        raise UserError(
            printable(str(file)),
            expected=f"{len(tensors)} tensors, as {CARD} says",
            found=f"{len(wrong)} missing or of another shape, {printable(wrong[0])} among them",
            advice="train again, or copy the file from the original run",
        )
    module.load_state_dict(known)


def find_run(name: Path | str | None = None, runs: Path = RUNS, *, option: str = "--model") -> Path:
    """Find the folder of a run.

    Parameters
    ----------
    name : a path (also of a run's ``best`` or checkpoint), or a name under ``runs``; None is the
        newest run that has a model.
    option : that names it, for messages.
    """
    if name is None:
        return _newest(runs)
    for path in (Path(name), runs / name):
        if path.suffix == ".ckpt" and path.is_file():
            return path
        if (path / BEST / CARD).is_file() or (path / CARD).is_file():
            return path
    known = [path.name for path in _runs(runs)]
    raise UserError(
        f"{option} {printable(str(name))}",
        expected=f"a run with a trained model, by its path or its name under {runs}",
        found="a run without one" if (runs / name).is_dir() else "none of that name",
        advice=nearest(str(name), known) if known else "train one with 'trashdata train'",
    )


def _runs(runs: Path) -> list[Path]:
    return sorted(path.parent.parent for path in runs.glob(f"*/{BEST}/{CARD}"))


def _newest(runs: Path) -> Path:
    found = _runs(runs)
    if not found:
        raise UserError(
            "--model",
            expected=f"a run with a trained model under {runs}",
            found="none",
            advice="train one with 'trashdata train', or pass the path of one",
        )
    return max(found, key=lambda path: (path / BEST / CARD).stat().st_mtime_ns)


def check_names(names: Sequence[str], where: str, classes: Sequence[str], file: str) -> None:
    """Refuse names that differ from a file's classes, in the order of label maps."""
    if list(names) == list(classes):
        return
    odd = next((name for name in classes if name not in names), None)
    lost = next((name for name in names if name not in classes), None)
    if odd is not None:
        found = f"{printable(odd)!r} in {file} alone"
    elif lost is not None:
        found = f"{printable(lost)!r} in {where} alone"
    else:
        found = "them in another order"
    raise UserError(
        f"{where} and {file}",
        expected="the same classes in the order of their ids",
        found=found,
        advice="use what was made for these classes",
    )


def check_classes(model: LoadedModel, document: Document) -> None:
    """Refuse a model whose classes are not those of a document."""
    names = [name for _, name in classes_of(document)]
    check_names(model.card.class_names, f"model {printable(model.name)}", names, document.name)
