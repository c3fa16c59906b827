"""The manifest of a finished run: reading, comparing with the disk, deleting its files."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import msgspec

from trashdata.console import Tick
from trashdata.errors import UserError, printable
from trashdata.names import leaves_root
from trashdata.runs.files import open_atomically
from trashdata.runs.hashes import file_sha256
from trashdata.runs.records import FileEntry, Manifest

MANIFEST = "manifest.json"
JOURNAL = ".journal"


def read_manifest(folder: Path, advice: str) -> Manifest | None:
    """Read the manifest of the run in a folder, None if there is none.

    Raises
    ------
    UserError : it was not written by trashdata, or lists files outside of its roots.
    """
    path = folder / MANIFEST
    expected = "the manifest of an earlier run"
    try:
        manifest = msgspec.json.decode(path.read_bytes(), type=Manifest)
    except FileNotFoundError:
        return None
    except NotADirectoryError:
        raise
    except (OSError, msgspec.DecodeError, UnicodeDecodeError) as error:
        where, found = printable(str(path)), printable(str(error))
        raise UserError(where, expected=expected, found=found, advice=advice) from None
    outside = [entry.path for entry in manifest.files if leaves_root(entry.path)]
    if outside:
        # A manifest of unknown origin must not lead to deleting files outside of its folder.
        found = f"a file outside, {printable(outside[0])}"
        raise UserError(printable(str(path)), expected=expected, found=found, advice=advice)
    return manifest


def write_manifest(
    path: Path,
    identity: Mapping[str, Any],
    photos: Mapping[str, str],
    files: Iterable[FileEntry],
    summary: Mapping[str, Any],
) -> None:
    """Write the manifest without holding it in memory; ``files`` are in order."""
    head = _indented({"identity": identity, "photos": dict(sorted(photos.items()))})
    with open_atomically(path) as stream:
        stream.write(head.removesuffix(b"\n}") + b',\n "files": [')
        between = b""
        for entry in files:
            stream.write(between + b"\n  " + _indented(entry).replace(b"\n", b"\n  "))
            between = b","
        stream.write((b"\n ]" if between else b"]") + b',\n "summary": ')
        stream.write(_indented(dict(summary)).replace(b"\n", b"\n ") + b"\n}\n")


def _indented(content: object) -> bytes:
    return msgspec.json.format(msgspec.json.encode(content), indent=1)


def finished_run(folder: Path) -> Manifest:
    """The manifest of a finished run.

    Raises
    ------
    UserError : there is no finished run in the folder.
    """
    where = f"DIR {printable(str(folder))}"
    expected = f"the folder of a finished run, with its {MANIFEST}"
    advice = "give the folder that the command wrote, such as input/data/copy_paste"
    if not folder.is_dir():
        found = "a file" if folder.exists() else "nothing"
        raise UserError(where, expected=expected, found=found, advice=advice)
    manifest = read_manifest(folder, advice)
    if manifest is None and (folder / JOURNAL).is_dir():
        found = "one that was interrupted, or still goes on"
        command = _started_command(folder)
        advice = f"start {command} with the same options again, and let it end first"
        raise UserError(where, expected=expected, found=found, advice=advice)
    if manifest is None:
        raise UserError(where, expected=expected, found="none there", advice=advice)
    return manifest


class _Started(msgspec.Struct):
    command: str


def _started_command(folder: Path) -> str:
    """The name of the command of an unfinished run, for messages."""
    try:
        content = (folder / JOURNAL / "identity.json").read_bytes()
        started = msgspec.json.decode(content, type=_Started)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError):
        return "its command"
    return f"'trashdata {printable(started.command)}'"


def roots_of(folder: Path, manifest: Manifest, images: Path | None) -> dict[str, Path]:
    """Paths of the roots of a run's files, derived from its folder.

    Most run folders are in the data folder; that of ``trashdata sample`` is the data folder.
    """
    is_data_folder = manifest.identity.get("command") == "sample"
    data = folder if is_data_folder else Path(os.path.normpath(folder.resolve().parent))
    known = {"data": data, "images": images or data, "out": folder}
    for entry in manifest.files:
        if entry.root not in known:
            raise UserError(
                printable(str(folder / MANIFEST)),
                expected=f"files under {', '.join(known)}",
                found=f"some under {printable(entry.root)}",
                advice="use the version of trashdata that wrote it",
            )
    photos = [known["images"] / entry.path for entry in manifest.files if entry.root == "images"]
    if photos and not any(map(Path.exists, photos)):
        raise UserError(
            f"--images {printable(str(known['images']))}",
            expected=f"the photos that the run in {printable(str(folder))} wrote",
            found="none of them",
            advice="give the --images that the run had",
        )
    return known


State = Literal["missing", "changed", "extra"]


@dataclass(frozen=True, slots=True)
class Difference:
    """A file that differs from the manifest."""

    state: State
    path: str


def differences(
    folder: Path, manifest: Manifest, roots: Mapping[str, Path], tick: Tick
) -> list[Difference]:
    """Missing and changed files of a run, and extra files in its folder."""
    found = []
    for entry in manifest.files:
        path = roots[entry.root] / entry.path
        if not path.is_file():
            found.append(Difference("missing", str(path)))
        elif is_changed(path, entry):
            found.append(Difference("changed", str(path)))
        tick()
    listed = {os.path.abspath(roots[entry.root] / entry.path) for entry in manifest.files}  # noqa: PTH100
    extra = sorted(str(path) for path in _own_files(folder) if os.path.abspath(path) not in listed)  # noqa: PTH100
    return found + [Difference("extra", path) for path in extra]


def is_changed(path: Path, entry: FileEntry) -> bool:
    """Whether a file differs from what the run wrote."""
    return path.stat().st_size != entry.size or file_sha256(path) != entry.sha256


def _own_files(folder: Path) -> Iterator[Path]:
    """The files in a run folder, without those of other runs in it."""
    others: set[str] = set()
    for other in folder.glob(f"*/{MANIFEST}"):
        try:
            manifest = msgspec.json.decode(other.read_bytes(), type=Manifest)
        except (OSError, msgspec.DecodeError, UnicodeDecodeError):
            continue
        others |= {str(folder / e.path) for e in manifest.files if e.root in ("data", "images")}
        others |= {str(other.parent / e.path) for e in manifest.files if e.root == "out"}
        others.add(str(other))
    for path in folder.rglob("*"):
        ours = path.parent == folder and path.name == MANIFEST
        if not path.is_dir() and not ours and str(path) not in others:
            yield path


def delete_files(roots: Mapping[str, Path], files: Iterable[FileEntry]) -> None:
    """Delete files, and folders under their roots that become empty."""
    folders = set()
    for entry in files:
        path = roots[entry.root] / entry.path
        path.unlink(missing_ok=True)
        inside = len(path.relative_to(roots[entry.root]).parts) - 1
        folders.update(list(path.parents)[:inside])
    for folder in sorted(folders, key=lambda path: len(path.parts), reverse=True):
        if folder.is_dir() and folder not in roots.values() and not any(folder.iterdir()):
            folder.rmdir()
