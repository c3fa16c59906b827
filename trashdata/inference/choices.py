"""What can be chosen where models are used, and the options for it; imports nothing heavy."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias, get_args

import typer

from trashdata.completion import complete_run

Tta: TypeAlias = Literal["none", "flip", "d4", "scales"]
Voting: TypeAlias = Literal["soft", "hard"]
Format: TypeAlias = Literal["masks", "coco", "csv"]
TTA_NAMES: tuple[Tta, ...] = get_args(Tta)
VOTING_NAMES: tuple[Voting, ...] = get_args(Voting)
FORMATS: tuple[Format, ...] = get_args(Format)

_MODELS = typer.Option(
    "--model",
    metavar="RUN",
    help="A run's folder or its name under runs/; repeat for an ensemble.",
    show_default="the newest run",
    autocompletion=complete_run,
)
ModelsOption = Annotated[list[str] | None, _MODELS]
ModelRuns = Annotated[tuple[str, ...], _MODELS]
TtaOption = Annotated[
    Tta,
    typer.Option(
        "--tta", help="Views that are averaged: mirrored, all eight turns, three sizes mirrored."
    ),
]
EnsembleOption = Annotated[
    Voting, typer.Option("--ensemble", help="Average probabilities, or count votes.")
]
WeightsOption = Annotated[
    str,
    typer.Option(
        "--weights", metavar="miou|equal|LIST", help="How much each model counts, such as 2,1."
    ),
]
CrfOption = Annotated[
    bool, typer.Option("--crf", help="Refine edges with a CRF; needs the extra [crf].")
]
DeviceOption = Annotated[
    str,
    typer.Option(
        "--device", metavar="auto|cpu|cuda|…", help="Where models run; auto takes a GPU if any."
    ),
]
