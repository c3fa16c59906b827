"""Options that Copy-Paste and oversampling share, declared once."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from trashdata.completion import complete_class, complete_class_pair, complete_json

PatchOption = Annotated[
    list[str],
    typer.Option(
        "--patch",
        metavar="CLASS",
        help="Class to paste; repeat for more.",
        autocompletion=complete_class,
        show_default="classes with fewer than half the mean number of objects",
    ),
]
DonorsOption = Annotated[
    str | None,
    typer.Option(
        "--donors",
        metavar="FILE.json",
        help="Take donors from another COCO file.",
        autocompletion=complete_json,
    ),
]
DonorImagesOption = Annotated[
    str | None,
    typer.Option("--donor-images", metavar="DIR", help="Root of the photos of --donors."),
]
RemovePatchOption = Annotated[
    list[str],
    typer.Option(
        "--remove-patch",
        metavar="CLASS",
        help="No donor photo may hold it.",
        autocompletion=complete_class,
    ),
]
BackgroundOption = Annotated[
    list[str],
    typer.Option(
        "--background",
        metavar="CLASS",
        help="Only photos whose objects are all of these classes.",
        autocompletion=complete_class,
        show_default="every photo",
    ),
]
TargetOption = Annotated[
    list[str],
    typer.Option(
        "--target",
        metavar="CLASS=GOAL",
        help="What the JSON is to hold in the end: 300 objects, 2% of the objects, or 2px%"
        " of their areas. Repeat for more classes.",
        autocompletion=complete_class_pair,
    ),
]
BalanceOption = Annotated[
    float | None,
    typer.Option(
        "--balance",
        min=0,
        max=1,
        help="Bring the classes nearer to the largest: 0 not at all, 1 wholly.",
        show_default=False,
    ),
]
MaxReuseOption = Annotated[
    int | None,
    typer.Option(
        "--max-reuse",
        min=1,
        help="Pastes of each donor, with --target or --balance.",
        show_default="20",
    ),
]
VflipOption = Annotated[
    float, typer.Option("--vflip", min=0, max=1, help="Probability, for donors.")
]
BlendOption = Annotated[
    Literal["none", "gaussian", "poisson"],
    typer.Option("--blend", help="How edges are joined; labels are the same."),
]
MinVisibleOption = Annotated[
    float,
    typer.Option(
        "--min-visible", min=0, max=1, help="Leave objects this visible, or cover them whole."
    ),
]
MaxCoverOption = Annotated[
    float,
    typer.Option(
        "--max-cover", min=0, max=1, help="Cover at most this share of a patch class's object."
    ),
]
SizeOption = Annotated[
    int | None,
    typer.Option(
        "--size",
        metavar="N",
        help="Longer side of the new photos; everything is scaled with it.",
        show_default="as large as their backgrounds",
    ),
]
FilterDonorsOption = Annotated[
    bool,
    typer.Option(
        "--filter-donors/--no-filter-donors",
        help="Leave out slivers, crumbs and duplicates of other donors.",
    ),
]
ModeOption = Annotated[
    Literal["add", "self"],
    typer.Option("--mode", help="JSON with the input and the new photos, or the new alone."),
]
QualityOption = Annotated[int, typer.Option("--quality", min=1, max=100, help="Of the JPEGs.")]
