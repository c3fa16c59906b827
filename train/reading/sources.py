"""The training and validation files, and the weight of each."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from trashdata.coco.document import Document
from trashdata.coco.read import read_document
from trashdata.console import Reporter
from trashdata.errors import UserError, printable
from trashdata.paths import DataFolders
from trashdata.provenance import Provenance

from ..options import TrainOptions
from .samples import Sample, Source, samples_of

_MOST = 1000
"""The largest weight of a file."""


@dataclass(frozen=True)
class Sources:
    """The files of a run. ``train``: by name; ``samples``: the training photos, by file and id."""

    train: Sequence[Source]
    val: Document
    samples: Sequence[Sample]

    @property
    def documents(self) -> list[Document]:
        """All files, validation last."""
        return [*(source.document for source in self.train), self.val]

    @property
    def largest_real(self) -> Document:
        """The training file with the most real photos, of equal ones with the fewest synthetic."""
        documents = [source.document for source in self.train]
        synthetic = [len(Provenance(document).synthetic) for document in documents]
        ranks = [
            (len(document.images) - made, -made, -index)
            for index, (document, made) in enumerate(zip(documents, synthetic, strict=True))
        ]
        return documents[ranks.index(max(ranks))]

    @property
    def weighted(self) -> bool:
        """Whether a file has another weight than 1."""
        return any(source.weight != 1 for source in self.train)


def file_names(folders: DataFolders, options: TrainOptions) -> tuple[list[tuple[str, float]], str]:
    """The names of the training files with their weights, and of the validation file.

    With ``fold`` these are the fold's files, and the copy-paste file made of it if it exists.
    """
    if options.fold is None:
        return [split_weight(text) for text in options.train], options.val
    k = options.fold
    part = folders.input_json(f"kfold_{k}_train.json")
    if not part.exists():
        raise UserError(
            f"--fold {k}",
            expected=f"the fold's training part, {printable(str(part))}",
            found="no such file",
            advice="make the folds with 'trashdata kfold', or choose one that exists",
        )
    names = [(f"kfold_{k}_train.json", 1.0)]
    if folders.input_json(f"copy_paste_{k}.json").exists():
        names.append((f"copy_paste_{k}.json", 1.0))
    return names, f"kfold_{k}_val.json"


def split_weight(text: str) -> tuple[str, float]:
    """Split ``FILE:WEIGHT``; the default weight is 1.

    >>> split_weight("train.json"), split_weight("copy_paste.json:0.5")
    (('train.json', 1.0), ('copy_paste.json', 0.5))
    """
    name, colon, number = text.rpartition(":")
    if not colon or number.endswith(".json"):
        return text, 1.0
    try:
        weight = float(number)
    except ValueError:
        weight = math.nan
    if not (0 < weight <= _MOST):
        raise UserError(
            f"--train {printable(text)}",
            expected="a file, or a file and a weight above 0, at most 1000, as in pseudo.json:2",
            found=f"the weight {printable(number)!r}",
            advice="the weight says how often a photo is seen in an epoch",
        )
    return name, weight


def read_sources(
    folders: DataFolders, options: TrainOptions, reporter: Reporter | None = None
) -> Sources:
    """Read and check the files; the order of the training files does not matter.

    A photo of several files counts once, see `samples_of`.

    Raises
    ------
    UserError : a file is missing, has a fault, is given twice, or no photo is left to train on.
    """
    names, val_name = file_names(folders, options)
    paths = [folders.input_json(name) for name, _ in names]
    _refuse_twice([*paths, folders.input_json(val_name)])
    weights = [weight for _, weight in names]
    train = [
        Source(read_document(path), weight) for path, weight in zip(paths, weights, strict=True)
    ]
    train.sort(key=lambda source: (source.document.name, source.document.sha256))
    val = _read_val(folders.input_json(val_name))
    samples = samples_of(train, reporter or Reporter())
    for document, count in ((train[0].document, len(samples)), (val, len(val.images))):
        if not count:
            raise UserError(
                document.name,
                expected="images",
                found="none",
                advice="pass files with photos with --train and --val",
            )
    return Sources(train, val, samples)


def _read_val(path: Path) -> Document:
    if not path.exists():
        beside = ", ".join(sorted(file.name for file in path.parent.glob("*.json"))) or "none"
        raise UserError(
            printable(str(path)),
            expected="the COCO file to validate on",
            found=f"no such file among the JSON files there ({printable(beside)})",
            advice="pass one with --val, or make folds with 'trashdata kfold' and pass --fold 0",
        )
    document = read_document(path)
    _refuse_pseudo_labels(document)
    return document


def _refuse_pseudo_labels(val: Document) -> None:
    """Refuse to validate on pseudo-labels, which measures agreement with the model behind them."""
    ids = Provenance(val).pseudo_labelled
    if ids:
        first = val.image_by_id[min(ids)].file_name
        raise UserError(
            f"{val.name}: {printable(first)}",
            expected="photos with labels made by people, to validate on",
            found=f"pseudo-labels on {len(ids)} of {len(val.images)} photos",
            advice="pass another file with --val, and these photos with --train",
        )


def _refuse_twice(paths: Sequence[Path]) -> None:
    for index, path in enumerate(paths):
        if path.exists() and any(
            other.exists() and other.samefile(path) for other in paths[:index]
        ):
            raise UserError(
                printable(path.name),
                expected="each file once among --train and --val",
                found="it more than once",
                advice="to see its photos more often, give a weight: FILE.json:2",
            )


def products_beside(folders: DataFolders, options: TrainOptions) -> list[str]:
    """Unused files in the data folder, each with the option that would use it."""
    if options.fold is not None or options.train != TrainOptions.train:
        return []
    (usual,) = TrainOptions.train
    notes = [
        f"{name} is in the data folder as well: --train {usual} --train {name} adds it."
        for name in ("copy_paste.json", "oversample.json", "pseudo.json", "pseudo_merged.json")
        if (folders.data / name).exists()
    ]
    if (folders.data / "kfold_0_train.json").exists():
        notes.append("Folds are in the data folder as well: --fold 0 trains on the first.")
    return notes
