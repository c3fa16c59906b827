"""Options of the commands that join, export, label, train and tidy up: what each has to refuse."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from .base import JSON, add_other_file
from .options import SET, Mistake

ONE = ("--workers", "1")
OVER = ("oversample", *SET, *ONE)
MERGE = ("merge", "--data", "data")
FILTER = ("filter", *SET, "--out", "new")
EXPORT = ("export", *SET, *ONE, "--out", "new")
PSEUDO = ("pseudo", *SET, *ONE)
PREDICT = ("predict", *SET)
EVALUATE = ("evaluate", *SET)
TRAIN = ("train", "--data", "data", "--encoder-weights", "none")
BOTH = ("--train", JSON, "--val", "other.json")


def _file(name: str, content: bytes) -> Callable[[Path], object]:
    return lambda folder: (folder / name).write_bytes(content)


def _other(folder: Path) -> None:
    add_other_file(folder / "data")


CASES = [
    Mistake("oversample nothing", OVER, "--patch|--target|--repeat"),
    Mistake("oversample an unknown class", (*OVER, "--patch", "Batery"), "did you mean 'Battery'"),
    Mistake("oversample no photo", (*OVER, "--patch", "Battery", "--num", "0"), "--num"),
    Mistake("merge nothing", MERGE, "FILE|argument"),
    Mistake("merge with a missing file", (*MERGE, JSON, "no.json", "--out", "x"), "no such file"),
    Mistake("merge onto an input", (*MERGE, JSON, "--out", "train"), "which is read"),
    Mistake("filter a class that is not there", (*FILTER, "--keep", "Glass"), "Glass"),
    Mistake("filter all away", (*FILTER, "--drop", "Paper", "--drop", "Battery"), "all of them"),
    Mistake("filter one class twice", (*FILTER, "--keep", "Paper", "--drop", "Paper"), "one rule"),
    Mistake("rename without a new name", (*FILTER, "--rename", "Paper"), "--rename"),
    Mistake("map that is not there", (*FILTER, "--map", "no.csv"), "no such file"),
    Mistake("map of another form", (*FILTER, "--map", "m"), "the header from,to", _file("m", b"a")),
    Mistake("map in Latin-1", (*FILTER, "--map", "m"), "UTF-8", _file("m", b"from,to\nP\xe4,b")),
    Mistake(
        "map with a class twice",
        (*FILTER, "--map", "m"),
        "line 3: expected each old name once",
        _file("m", b"from,to\nPaper,a\nPaper,b\n"),
    ),
    # Found by the fuzzer: all the rest becomes one cell, longer than the reader takes.
    Mistake(
        "map with a quote that is never closed",
        (*FILTER, "--map", "m"),
        "line 2: expected cells of a sensible length, quotes in pairs",
        _file("m", b'from,to\n"' + b"a" * 140_000),
    ),
    Mistake("export to an unknown form", (*EXPORT, "--to", "voc"), "--to"),
    Mistake(
        "export over a folder",
        (*EXPORT, "--to", "yolo"),
        "new, empty or an earlier run",
        lambda folder: ((folder / "new").mkdir(), _file("new/mine", b"mine")(folder)),
    ),
    Mistake("stats no PNG", ("stats", *SET, "--out", "s.jpg"), "ends in .png"),
    Mistake("report no HTML", ("report", *SET, "--out", "r.png"), "ends in .html"),
    Mistake("report of no run", ("report", *SET, "--run", "none"), "none"),
    Mistake("pseudo without a model", PSEUDO, "--model|runs"),
    Mistake("pseudo of an unknown run", (*PSEUDO, "--model", "none"), "none"),
    Mistake("threshold over 1", (*PSEUDO, "--model", "x", "--threshold", "1.5"), "--threshold"),
    Mistake("CSV that is not there", (*PSEUDO, "--from-csv", "no.csv"), "--from-csv no.csv"),
    Mistake(
        "CSV of another form",
        (*PSEUDO, "--from-csv", "c"),
        "the header image_id,PredictionString",
        _file("c", b"a,b\n"),
    ),
    Mistake(
        "CSV of another photo",
        (*PSEUDO, "--from-csv", "c", "--size-in", "1"),
        "line 2: expected a photo of train.json",
        _file("c", b"image_id,PredictionString\nx.jpg,0\n"),
    ),
    Mistake(
        "CSV with a class that is none",
        (*PSEUDO, "--from-csv", "c", "--size-in", "1"),
        "class ids from 0 to 2, found 3",
        _file("c", b"image_id,PredictionString\nbatch_2/0001.jpg,3\n"),
    ),
    Mistake(
        "CSV with too few numbers",
        (*PSEUDO, "--from-csv", "c", "--size-in", "2"),
        "4 class ids .* found 1",
        _file("c", b"image_id,PredictionString\nbatch_2/0001.jpg,1\n"),
    ),
    Mistake("predict without a model", PREDICT, "--model|runs"),
    Mistake("predict with a photo", (*PREDICT, "--model", "data/batch_1/0002.jpg"), "0002.jpg"),
    Mistake("evaluate without anything", EVALUATE, "--model|--predictions|runs"),
    Mistake("evaluate what is not there", (*EVALUATE, "--predictions", "no"), "no"),
    Mistake(
        "train on a file that is validated on", (*TRAIN, "--train", JSON, "--val", JSON), "once"
    ),
    Mistake(
        "train on a missing file", (*TRAIN, "--train", "no.json", "--val", JSON), "no such file"
    ),
    Mistake("train no epoch", (*TRAIN, *BOTH, "--epochs", "0"), "--epochs", _other),
    Mistake("train an unknown network", (*TRAIN, *BOTH, "--arch", "Umet"), "--arch", _other),
    Mistake("train with an unknown loss", (*TRAIN, *BOTH, "--loss", "dise"), "--loss", _other),
    Mistake("train under a path", (*TRAIN, *BOTH, "--name", "../x"), "--name", _other),
    Mistake("resume no run", (*TRAIN, *BOTH, "--resume", "none"), "none", _other),
    Mistake("verify nothing", ("verify", "none"), "found nothing"),
    Mistake("verify a folder that is no run", ("verify", "data"), "found none there"),
    Mistake("clean nothing", ("clean", "none"), "found nothing"),
    Mistake(
        "clean what is no manifest",
        ("clean", "data"),
        "expected the manifest of an earlier run",
        _file("data/manifest.json", b"{}"),
    ),
    Mistake(
        "clean what lies outside",
        ("clean", "data"),
        "a file outside",
        _file(
            "data/manifest.json",
            b'{"identity": {"command": "sample"}, "photos": {}, "summary": {}, "files": '
            b'[{"root": "data", "path": "../data/train.json", "size": 1, "sha256": ""}]}',
        ),
    ),
    Mistake(
        "unknown key of the configuration", MERGE, "maks", _file("trashdata.toml", b"[maks]\n")
    ),
    Mistake(
        "configuration no TOML", (*MERGE, JSON), "trashdata.toml", _file("trashdata.toml", b"[")
    ),
]
