"""Choices for the use of models, and the types of their options.

The types include the help, so that each option is declared once. Imports nothing heavy.
"""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

import typer

from trashdata.completion import complete_run

Tta: TypeAlias = Literal["none", "flip", "d4", "scales"]
Voting: TypeAlias = Literal["soft", "hard"]
Format: TypeAlias = Literal["masks", "coco", "csv"]

ModelRuns: TypeAlias = Annotated[
    tuple[str, ...],
    typer.Option(
        metavar="RUN",
        help="A run's folder or its name under runs/; repeat for an ensemble.",
        show_default="the newest run",
        autocompletion=complete_run,
    ),
]
TtaOption: TypeAlias = Annotated[
    Tta,
    typer.Option(
        help="Views to average: mirrored, all eight rotations and mirrorings, three sizes mirrored."
    ),
]
EnsembleOption: TypeAlias = Annotated[
    Voting, typer.Option(help="Average probabilities, or count votes.")
]
WeightsOption: TypeAlias = Annotated[
    str,
    typer.Option(metavar="miou|equal|LIST", help="How much each model counts, such as 2,1."),
]
CrfOption: TypeAlias = Annotated[
    bool, typer.Option(help="Refine edges with a CRF; needs the extra [crf].")
]
DeviceOption: TypeAlias = Annotated[
    str,
    typer.Option(
        metavar="auto|cpu|cuda|…", help="Where models run; auto takes a GPU if there is one."
    ),
]
