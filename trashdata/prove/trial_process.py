"""A process that carries out one trial: makes the arm's data, trains, scores, keeps the result.

It reads a `Job` as a line of JSON from stdin, and writes an `Answer` as a line to stdout. It ends
when stdin is closed, so that it never outlives the process that waits for it.
"""

from __future__ import annotations

import os
import shutil
import sys
import threading
import time
from contextlib import redirect_stdout
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from trashdata.coco.read import read_document
from trashdata.comparison import save
from trashdata.errors import UserError, system_error
from trashdata.inference.saved import load_model
from trashdata.paths import DataFolders
from trashdata.prove.made_files import make_files
from trashdata.prove.photo_links import link_photos
from trashdata.prove.scoring import score
from trashdata.prove.trials import Trial, options_of
from trashdata.runs.files import make_folders

if TYPE_CHECKING:
    import pseudo_label
    import train
    from train import TrainOptions
else:
    from trashdata import pseudo_label, train


class Job(msgspec.Struct, frozen=True):
    """``results``: the folder of kept results; ``work``: one for this trial alone; ``keep``:
    whether the result is kept; ``check``: only check everything, as a dry run does."""

    trial: Trial
    results: str
    work: str
    keep: bool = True
    check: bool = False


class Answer(msgspec.Struct, frozen=True):
    """How long training and all of it took, in seconds; or the parts of a `UserError`."""

    training: float = 0.0
    seconds: float = 0.0
    error: tuple[str, str, str, str] | None = None


def main() -> None:
    """Carry out the job on stdin."""
    job = msgspec.json.decode(sys.stdin.readline(), type=Job)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    out = sys.stdout
    with redirect_stdout(sys.stderr):
        answer = _answer(job)
    out.write(msgspec.json.encode(answer).decode() + "\n")
    out.flush()
    # Threads of libraries may wait for something that never comes.
    os._exit(0)


def _end_with_parent() -> None:
    while sys.stdin.read(1):
        pass
    os._exit(1)


def _answer(job: Job) -> Answer:
    start = time.monotonic()
    try:
        training = carry_out(job)
    except Exception as error:
        told = error if isinstance(error, UserError) else system_error(error)
        if told is None:
            raise
        return Answer(error=(told.where, told.expected, told.found, told.advice))
    finally:
        shutil.rmtree(job.work, ignore_errors=True)
    return Answer(training, time.monotonic() - start)


def carry_out(job: Job) -> float:
    """Carry out a job; returns the seconds of its training.

    Raises
    ------
    UserError : what the user can correct.
    """
    import torch

    # On one thread a run then gives the same weights again.
    torch.use_deterministic_algorithms(mode=True, warn_only=True)
    trial, work = job.trial, Path(job.work)
    options, made = options_of(trial)
    folders = DataFolders(Path(trial.data), Path(trial.images))
    if set(made) - {"fresh"}:
        folders = _own_folders(trial, folders, work)
        if job.check:
            made.pop("pseudo", None)
        options = _make_files(options, made, folders, work, trial)
    start = time.monotonic()
    outcome = train.train(
        folders.data,
        options,
        pasting=made.get("fresh"),
        images=folders.images,
        runs=work / "runs",
        dry_run=job.check,
    )
    training = time.monotonic() - start
    if job.keep and not job.check:
        model = load_model(outcome.figures["run"])
        found = score(model, read_document(folders.data / trial.val), folders, options.exif)
        save(Path(job.results), trial.content, found)
    return training


def _own_folders(trial: Trial, folders: DataFolders, work: Path) -> DataFolders:
    """Folders of the trial alone that hold the fold's files and all photos as links."""
    data, images = work / "data", work / "images"
    make_folders([data])
    for name in (trial.train, trial.val):
        shutil.copyfile(folders.data / name, data / name)
    link_photos(folders.images, [entry.name for entry in folders.images.iterdir()], images)
    return DataFolders(data, images)


def _make_files(
    options: TrainOptions,
    made: dict[str, Any],
    folders: DataFolders,
    work: Path,
    trial: Trial,
) -> TrainOptions:
    """Make the arm's files; returns the options that train on them as well."""
    base, files = make_files(made, trial.train, folders)
    if "pseudo" in made:
        files.append(_pseudo(options, made, (base, *files), folders, work))
    return replace(options, train=(base, *files))


def _pseudo(
    options: TrainOptions,
    made: dict[str, Any],
    files: tuple[str, ...],
    folders: DataFolders,
    work: Path,
) -> str:
    """Label photos with a model that was trained on the other files; returns the file's name."""
    first = train.train(
        folders.data,
        replace(options, train=files),
        pasting=made.get("fresh"),
        images=folders.images,
        runs=work / "runs",
    )
    wanted = replace(made["pseudo"], out="pseudo", model=(first.figures["run"],))
    pseudo_label.pseudo(folders.data, wanted, images=folders.images)
    return "pseudo.json"


if __name__ == "__main__":
    main()
