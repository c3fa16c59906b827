"""Results of runs, kept by content: the same run is trained once."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from trashdata.errors import UserError, printable
from trashdata.runs.files import make_folders, write_atomically

from .pixel_counts import Counts, Floats

# What zipfile, zlib, numpy and json raise on files that were changed.
_DAMAGE = (ValueError, KeyError, EOFError, OSError, RuntimeError, zipfile.BadZipFile, zlib.error)


@dataclass(frozen=True)
class Result:
    """What is kept of a run: ``photos``, P file names, and their ``counts`` (P, C, 3) int64.

    ``ap``: (C - 1,) float64, the average precision of each class's regions on all these photos, see
    `RegionScorer`; empty if it was not computed.
    """

    photos: tuple[str, ...]
    counts: Counts
    ap: Floats = field(default_factory=lambda: np.empty(0))


def canonical(content: Mapping[str, object]) -> bytes:
    """The one JSON text of a value: keys sorted, no spaces, UTF-8.

    Parameters
    ----------
    content : of dicts, lists, strings, whole numbers, finite floats, booleans and None.

    Raises
    ------
    ValueError, TypeError : it holds something else.

    Examples
    --------
    >>> canonical({"b": 1.0, "a": [True, None]})
    b'{"a":[true,null],"b":1.0}'
    """
    _refuse_other_keys(content)
    text = json.dumps(
        content, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )
    return text.encode()


def key(content: Mapping[str, object]) -> str:
    """SHA-256, hexadecimal, of what decides a run's result.

    Parameters
    ----------
    content : all that decides it, such as the options of the arm, the seed, the fold, the steps,
        hashes of the inputs and of the initial weights, and the versions of libraries. Nothing
        that doesn't, such as a folder or the number of workers.
    """
    return hashlib.sha256(canonical(content)).hexdigest()


def _refuse_other_keys(content: object) -> None:
    """JSON has no keys but strings: 1 and "1" would be one key, and so one run."""
    if isinstance(content, Mapping):
        if not all(isinstance(name, str) for name in content):
            raise TypeError("keys are strings")
        for value in content.values():
            _refuse_other_keys(value)
    elif isinstance(content, list | tuple):
        for value in content:
            _refuse_other_keys(value)


def path_of(folder: Path, content: Mapping[str, object]) -> Path:
    """The file that keeps the result of this content."""
    return folder / f"{key(content)}.npz"


def save(folder: Path, content: Mapping[str, object], result: Result) -> Path:
    """Keep a result, in a file that is whole or does not exist.

    Parameters
    ----------
    folder : it is made if missing.
    content : see `key`; it is kept as well, so that the file says what it is of.
    result : its bytes in the file depend on nothing else.

    Raises
    ------
    UserError : the file can't be written.
    """
    _check(result)
    stream = io.BytesIO()
    np.savez_compressed(
        stream,
        content=_bytes(canonical(content)),
        photos=_bytes(json.dumps(result.photos).encode()),
        counts=result.counts,
        ap=result.ap,
    )
    path = path_of(folder, content)
    make_folders([folder])
    write_atomically(path, stream.getvalue())
    return path


def load(folder: Path, content: Mapping[str, object]) -> Result | None:
    """The result that was kept, or None if there is none.

    Raises
    ------
    UserError : the file is damaged, or holds the result of something else. It is not replaced by a
        new run in silence: files are written whole, so damage means that a disk or somebody
        changed one, and others may be changed as well.

    Notes
    -----
    Nothing is unpickled: a file from somewhere else can't run code.
    """
    path = path_of(folder, content)
    if not path.exists():
        return None
    try:
        result, kept = _read(path)
        _check(result)
    except _DAMAGE as error:
        raise _refusal(path, str(error) or "a damaged file") from None
    if kept != canonical(content):
        raise _refusal(path, "the result of another run")
    return result


def _read(path: Path) -> tuple[Result, bytes]:
    """What a file says, and what it says it is of."""
    # The ZIP format has a checksum of each array, which is compared when it is read.
    with path.open("rb") as stream, np.lib.npyio.NpzFile(stream, allow_pickle=False) as arrays:
        names = ("content", "photos", "counts", "ap")
        content, photos, counts, ap = (arrays[name] for name in names)
    if not all(isinstance(array, np.ndarray) for array in (content, photos, counts, ap)):
        raise ValueError("something that is not an array")
    file_names = json.loads(photos.tobytes())
    if not isinstance(file_names, list):
        raise ValueError("photos that are not a list")
    return Result(tuple(file_names), counts, ap), content.tobytes()


def _bytes(text: bytes) -> np.ndarray[tuple[int], np.dtype[np.uint8]]:
    return np.frombuffer(text, dtype=np.uint8)


def _check(result: Result) -> None:
    """Refuse what no run can have counted."""
    photos, counts, ap = result.photos, result.counts, result.ap
    if counts.dtype != np.int64 or counts.ndim != 3 or counts.shape[2] != 3:
        raise ValueError(f"counts of {counts.dtype} {counts.shape}, not int64 (P, C, 3)")
    if len(photos) != len(counts) or not all(isinstance(name, str) for name in photos):
        raise ValueError(f"{len(photos)} names for {len(counts)} photos")
    if counts.size and (counts.min() < 0 or (counts[..., 0] > counts[..., 1:].min(axis=2)).any()):
        raise ValueError("more pixels in the intersection than predicted or true")
    if ap.dtype != np.float64 or ap.shape not in ((0,), (counts.shape[1] - 1,)):
        raise ValueError(f"average precisions of {ap.dtype} {ap.shape}")
    if ((ap < 0) | (ap > 1)).any():
        raise ValueError("an average precision that is not from 0 to 1")


def _refusal(path: Path, found: str) -> UserError:
    return UserError(
        printable(str(path)),
        expected="the counts of a finished run as they were written",
        found=found,
        advice="delete this file and start again, and the run is made again",
    )
