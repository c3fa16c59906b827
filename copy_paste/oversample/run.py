"""Oversampling from files to files."""

from __future__ import annotations

from pathlib import Path

from trashdata.console import Reporter
from trashdata.outcome import Outcome
from trashdata.paths import DEFAULT_DATA, Places
from trashdata.runs.workers import warm_up

from ..methods.oversample import OversampleJob
from ..run import make_photos
from .options import OversampleOptions


def oversample(
    data: Path | str = DEFAULT_DATA,
    options: OversampleOptions | None = None,
    *,
    images: Path | str | None = None,
    workers: int = 1,
    scheduler: str | None = None,
    dry_run: bool = False,
    overwrite: bool = False,
    reporter: Reporter | None = None,
) -> Outcome:
    """Make new photos by pasting one object at its own place onto photos that hold a single one.

    A donor is flipped in its place and bent elastically, its mask with it. Each background
    serves equally often; nothing is pasted onto the photo that it comes from.

    Parameters
    ----------
    data : the data folder; ``options.json`` and ``options.out`` are names in it.
    images : the root that every ``file_name`` is relative to; the data folder by default.
    workers : processes; with more than one, call from under ``if __name__ == "__main__"``.
    scheduler : address of a Dask scheduler, whose workers are to do it instead.
    dry_run : plan and report, write nothing.
    overwrite : replace what an earlier run wrote under the same name.

    Returns
    -------
    What was read, written and counted; ``figures["classes"]`` holds objects per class.

    Raises
    ------
    UserError : anything that the user can mend; nothing is written, or the state can be resumed.

    References
    ----------
    Simard, Steinkraus, Platt 2003, "Best Practices for Convolutional Neural Networks Applied to
    Visual Document Analysis", ICDAR: elastic deformation.
    """
    if workers > 1 and scheduler is None:
        warm_up("trashdata.copy_paste.rendering.shards")
    own = options or OversampleOptions()
    job = OversampleJob(Places.of(data, images), own, reporter or Reporter())
    return make_photos(
        job, workers=workers, scheduler=scheduler, dry_run=dry_run, overwrite=overwrite
    )
