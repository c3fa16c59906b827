"""The options of train."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import Annotated, Any, ClassVar, Literal, TypeAlias, get_args

import typer

from trashdata.options.limits import Below, Choices, check, check_options
from trashdata.options.shared import ExifOption, PatchClasses, Seed
from trashdata.options.text import split_list

from .model_options import ModelOptions
from .presets import PRESETS

SamplerName: TypeAlias = Literal["even", "rare", "repeat-factor", "iou"]
Keep: TypeAlias = Literal["best", "last"]
Logger: TypeAlias = Literal["csv", "tensorboard", "wandb"]

# These say where a run is carried out; a resumed run may change them.
MACHINE_OPTIONS = ("accelerator", "devices", "strategy", "workers", "logger")
# These say how long a run is; a resumed run may get another length.
LENGTH_OPTIONS = ("epochs", "steps")


@dataclass(frozen=True)
class DataOptions:
    """Options of the photos that are trained on, and of how they are drawn."""

    preset: Annotated[
        str | None,
        Choices(tuple(PRESETS)),
        typer.Option(show_default="laptop, without a GPU and if no model is asked for"),
    ] = None
    """Model, size, length and learning rates at once."""

    train: Annotated[tuple[str, ...], typer.Option(metavar="FILE.json[:WEIGHT]")] = ("train.json",)
    """COCO file to train on; may be given several times. The weight says how often a photo of it
    is seen in an epoch."""

    val: str = "val.json"
    """COCO file to validate on."""

    fold: Annotated[int | None, typer.Option(metavar="K", min=0, show_default=False)] = None
    """Take kfold_K_train.json, kfold_K_val.json and, if there, copy_paste_K.json."""

    sampler: SamplerName = "even"
    """How real photos are drawn: all in turn, rare classes more often, by repeat factors, or by
    what the last validation missed.

    With --mode windows, a window around an object of the class.
    """

    paste: Annotated[float, typer.Option(metavar="SHARE", min=0, max=1)] = 0.0
    """Share of the photos that get fresh pastes, as copy-paste makes them; nothing is written."""

    paste_preset: Annotated[
        str | None, typer.Option(metavar="NAME|FILE.toml", show_default="[copy-paste] of --config")
    ] = None
    """Options of the pastes: a preset of copy-paste, or the table [copy-paste] of a file."""

    paste_patch: PatchClasses = ()

    paste_place: Annotated[str | None, typer.Option(metavar="RULE", show_default=False)] = None
    """Where donors are put; see copy-paste --place."""

    synthetic_share: Annotated[
        float | None,
        typer.Option(metavar="SHARE", min=0, max=1, show_default="by the files' lengths"),
    ] = None
    """Share of the photos that are synthetic ones of the files."""

    finale: Annotated[float, typer.Option(metavar="SHARE", min=0), Below(1)] = 0.0
    """Last share of the steps on real photos with people's labels alone."""


@dataclass(frozen=True)
class TrainOptions(ModelOptions, DataOptions):
    """Options of training; plain types only, since they are written to the run folder."""

    command: ClassVar[str] = "train"
    presets: ClassVar[dict[str, dict[str, Any]]] = PRESETS

    epochs: Annotated[int, typer.Option(min=1, max=1_000_000)] = 40
    """Passes over the photos."""

    steps: Annotated[int | None, typer.Option(min=1, max=10**9, show_default=False)] = None
    """Optimizer steps, instead of --epochs.

    Epochs, after which it validates, are then about a pass over the photos long.
    """

    keep: Keep = "best"
    """Keep the weights of the best epoch, or those of the last step.

    With last it validates once, at the end: no score has chosen the weights, as a comparison needs.
    """

    early_stop: Annotated[int, typer.Option(metavar="EPOCHS", min=0)] = 0
    """Stop after so many epochs without a better mIoU; 0: never."""

    allow_look_alikes: bool = False
    """Train on photos that look like one of validation; exact copies are still refused."""

    exif: ExifOption = "auto"

    seed: Seed = 42

    name: str = "exp"
    """Name under runs/; exp2 follows exp."""

    accelerator: Annotated[str, typer.Option(metavar="auto|cpu|gpu|mps")] = "auto"
    """Hardware to train on."""

    devices: str = "auto"
    """Number of devices, or which, such as 2 or 0,3."""

    strategy: str = "auto"
    """Lightning's strategy, such as ddp."""

    logger: str = "csv"
    """csv (always), tensorboard, wandb; comma-separated."""

    workers: Annotated[int, typer.Option(min=0)] = 2
    """Processes that load photos, for each device."""

    resume: Annotated[str | None, typer.Option(metavar="RUN", show_default=False)] = None
    """Resume a run that was stopped, or train it on with more --epochs or --steps.

    A path, or a name under runs/. The options of that run count; no run has this one.
    """

    from_: Annotated[str | None, typer.Option(metavar="RUN", show_default=False)] = None
    """Start a new run from the best weights of a trained model.

    A path, or a name under runs/. Its architecture and encoder are taken; classes that have the
    same name in both keep the weights of their channels.
    """

    def __post_init__(self) -> None:
        check_options(self)
        self.check_model()
        for name in ("paste_preset", "paste_patch", "paste_place"):
            used = self.paste or getattr(self, name) in (None, ())
            check(self, name, bool(used), "to come with --paste SHARE", "it alone")
        usual = (self.train, self.val) == (TrainOptions.train, TrainOptions.val)
        alone = self.fold is None or usual
        check(self, "fold", alone, "no --train and no --val with it", "one of them")
        apart = self.paste + (self.synthetic_share or 0) <= 1
        check(self, "synthetic_share", apart, f"at most 1 together with --paste {self.paste:g}")
        self._check_keep()
        for name in self.loggers:
            known = get_args(Logger)
            check(self, "logger", name in known, f"names among {', '.join(known)}", name)

    def _check_keep(self) -> None:
        """Refuse what needs scores of earlier epochs, if only the last one is validated."""
        last = self.keep == "last"
        for name, sound in (
            ("early_stop", not self.early_stop),
            ("sampler", self.sampler != "iou"),
            ("loss", self.loss != "cdb"),
        ):
            expected = "another value with --keep last, which validates at the end only"
            check(self, name, sound or not last, expected)

    @property
    def loggers(self) -> tuple[str, ...]:
        """The names in ``logger``."""
        return split_list(self.logger)

    @property
    def changed(self) -> frozenset[str]:
        """The names of the options that differ from their defaults."""
        return frozenset(
            field.name for field in fields(self) if getattr(self, field.name) != field.default
        )

    def of_run(self) -> dict[str, Any]:
        """The options of a run by name, as written to its folder."""
        return {name: value for name, value in asdict(self).items() if name != "resume"}
