"""A run and its folder: lock, identity, journal while it goes on, manifest when it is done.

The folder ``<out>/`` belongs to the run. While it goes on, ``<out>/.journal/`` holds its identity
and a record of each finished shard; at the end ``<out>/manifest.json`` stays and the journal
goes. Nothing that is written holds a time, a worker count or an absolute path.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from itertools import chain
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self

import msgspec

from trashdata.errors import UserError, printable
from trashdata.runs.files import (
    make_folders,
    open_atomically,
    remove_left_behind,
    remove_temporary,
    temporary_name,
    write_atomically,
)
from trashdata.runs.hashes import file_sha256
from trashdata.runs.links import not_outside, refuse_outside
from trashdata.runs.manifest import JOURNAL, MANIFEST, delete_files, read_manifest, write_manifest
from trashdata.runs.records import FileEntry, Manifest, ShardRecord, run_identity

__all__ = [
    "FileEntry",
    "Manifest",
    "Run",
    "ShardRecord",
    "ShardWriter",
    "open_atomically",
    "remove_temporary",
    "run_identity",
    "temporary_name",
    "write_atomically",
]


class Run:
    """A run that can be interrupted at any moment and goes on when started again.

    Parameters
    ----------
    folder : the run's own folder.
    identity : see `run_identity`.
    roots : folders by name that the run writes under; the manifest's paths are relative to them.
    overwrite : delete what an earlier run with another identity (or this one) left there.
    option : the option that names the folder, for messages.
    """

    def __init__(
        self,
        folder: Path,
        identity: dict[str, Any],
        roots: Mapping[str, Path],
        *,
        overwrite: bool = False,
        option: str = "--out",
    ) -> None:
        self.folder = folder
        self.option = option
        self.identity = identity
        self.roots = dict(roots)
        self.overwrite = overwrite
        self.journal = folder / JOURNAL
        self.finished: Manifest | None = None
        self._lock: BinaryIO | None = None
        self._made = [path for path in (folder, *folder.parents) if not path.exists()]

    def check(self) -> None:
        """Refuse what entering the run would refuse, but touch nothing."""
        own = [
            (name, f"{self.folder.relative_to(root)}/{MANIFEST}")
            for name, root in self.roots.items()
            if root in self.folder.parents
        ]
        refuse_outside(self.roots, own)
        manifest = self._earlier_manifest()
        self._refuse_strangers(manifest)
        self._refuse_other_run(manifest)

    def __enter__(self) -> Self:
        self.check()
        self._take_lock()
        try:
            # Once more: another process may have ended between the check and the lock.
            self.check()
            self._meet_earlier(self._earlier_manifest())
        except BaseException:
            self._leave()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._leave()

    def _leave(self) -> None:
        nothing_written = not any(self.journal.glob("*.intent"))
        if self.finished is None and nothing_written:
            shutil.rmtree(self.journal, ignore_errors=True)
        self._release()
        if self.finished is None and nothing_written:
            with suppress(OSError):
                for path in self._made:
                    if path.is_dir() and not any(path.iterdir()):
                        path.rmdir()

    # --- meeting an earlier run ---

    def _earlier_manifest(self) -> Manifest | None:
        advice = f"move the folder away or choose another {self.option}"
        try:
            return read_manifest(self.folder, advice)
        except NotADirectoryError:
            raise self._unusable("a file") from None

    def _refuse_strangers(self, manifest: Manifest | None) -> None:
        if manifest is not None or self.journal.exists() or not self.folder.exists():
            return
        strangers = sorted(path.name for path in self.folder.iterdir())
        if strangers:
            others = f" and {len(strangers) - 1} more" if len(strangers) > 1 else ""
            raise UserError(
                self._where,
                expected="a folder that is new, empty or an earlier run's",
                found=f"{printable(strangers[0])}{others} in it",
                advice=f"choose another {self.option} or move them away",
            )

    def _refuse_other_run(self, manifest: Manifest | None) -> None:
        """Only this very run may be here, with ``overwrite`` also another one of this command."""
        started = self._started_identity()
        interrupted = started is not None
        identity = started if started is not None else manifest and manifest.identity
        if not identity or identity == self.identity:
            return
        command = identity.get("command")
        if command != self.identity["command"]:
            raise UserError(
                self._where,
                expected="a folder of its own",
                found=f"what 'trashdata {printable(str(command))}' wrote",
                advice=f"choose another {self.option}",
            )
        if not self.overwrite:
            state = "an interrupted" if interrupted else "a finished"
            raise self._another_run(f"{state} run with other options or inputs")

    def _started_identity(self) -> dict[str, Any] | None:
        """The identity of an interrupted run. A journal beside a manifest is a finished run's."""
        path = self.journal / "identity.json"
        if not path.exists() or (self.folder / MANIFEST).exists():
            return None
        identity: dict[str, Any] = msgspec.json.decode(path.read_bytes())
        return identity

    def _meet_earlier(self, manifest: Manifest | None) -> None:
        started = self._started_identity()
        if started is not None:
            if started != self.identity:
                self._delete_intended()
            return
        # A run that ended before it began to write has left nothing to go on from.
        self._clear_journal()
        if manifest is not None and not self.overwrite:
            self._check_complete(manifest)
            self.finished = manifest

    @property
    def _where(self) -> str:
        # --out is a plain name, any other option a path.
        name = self.folder.name if self.option == "--out" else str(self.folder)
        return f"{self.option} {printable(name)}"

    def _unusable(self, found: str) -> UserError:
        return UserError(
            self._where,
            expected="a folder that can be written to",
            found=found,
            advice=f"correct the path or its permissions, or choose another {self.option}",
        )

    def _another_run(self, found: str) -> UserError:
        return UserError(
            self._where,
            expected="a new folder or one of the same run",
            found=found,
            advice=f"choose another {self.option}, or replace it with --overwrite",
        )

    def _check_complete(self, manifest: Manifest) -> None:
        for entry in manifest.files:
            path = self.roots[entry.root] / entry.path
            if not path.is_file() or path.stat().st_size != entry.size:
                check = "check --images, or " if entry.root == "images" else ""
                raise UserError(
                    str(path),
                    expected=f"the file of {entry.size} bytes that the finished run wrote",
                    found="no such file" if not path.is_file() else f"{path.stat().st_size} bytes",
                    advice=f"{check}make the set again with --overwrite",
                )

    def _take_lock(self) -> None:
        try:
            self.journal.mkdir(parents=True, exist_ok=True)
            self._lock = (self.journal / "lock").open("wb")
        except OSError as error:
            raise self._unusable(error.strerror or str(error)) from None
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self._lock.close()
            self._lock = None
            raise UserError(
                self._where,
                expected="one run at a time",
                found="another process that is writing there",
                advice="wait until it ends",
            ) from None

    def _release(self) -> None:
        if self.finished is not None:
            shutil.rmtree(self.journal, ignore_errors=True)
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    # --- writing ---

    def refuse_taken(self, files: Iterable[tuple[str, str]]) -> None:
        """Refuse files (root, path) to come whose place is taken by one that is not ours."""
        if self.resumable():
            return
        manifest = self._earlier_manifest()
        ours = {(entry.root, entry.path) for entry in manifest.files} if manifest else set()
        for root, path in not_outside(self.roots, files):
            if (root, path) not in ours and os.path.lexists(self.roots[root] / path):
                raise UserError(
                    printable(str(self.roots[root] / path)),
                    expected="nothing there yet",
                    found="a file that no earlier run wrote",
                    advice="move it away",
                )

    def refuse_deleting(self, inputs: Iterable[Path]) -> None:
        """Refuse to replace an earlier run some of whose files are read, or were changed since."""
        # Other than Path.resolve, it does not mind links that lead in a circle.
        read = {os.path.realpath(path) for path in inputs}
        refuse_outside(self.roots, ((e.root, e.path) for e in self.earlier_files()))
        for entry in self.earlier_files():
            path = self.roots[entry.root] / entry.path
            if os.path.realpath(path) in read:
                raise UserError(
                    printable(str(path)),
                    expected="to replace what the earlier run wrote",
                    found="that this file is read",
                    advice=f"choose another {self.option}",
                )
            if path.is_file() and file_sha256(path) != entry.sha256:
                raise UserError(
                    printable(str(path)),
                    expected="the file as the earlier run wrote it",
                    found="one that was changed since",
                    advice="move it away, then start again",
                )

    def start(self) -> None:
        """From here on the run writes: delete what it replaces, note its identity."""
        manifest = self._earlier_manifest()
        if manifest is not None:
            delete_files(self.roots, manifest.files)
            (self.folder / MANIFEST).unlink()
        make_folders(self.roots.values())
        write_atomically(self.journal / "identity.json", msgspec.json.encode(self.identity))

    def earlier_files(self) -> list[FileEntry]:
        """What the finished run that is to be replaced wrote."""
        manifest = self._earlier_manifest()
        return manifest.files if manifest is not None else []

    def resumable(self) -> bool:
        """Whether an interrupted run of the same identity left its journal here."""
        return (self.journal / "identity.json").exists()

    def record_of(self, shard: str) -> ShardRecord | None:
        """The record of a shard, if it is finished."""
        path = self.journal / f"{shard}.done"
        if not path.exists():
            return None
        return msgspec.json.decode(path.read_bytes(), type=ShardRecord)

    def finish(
        self,
        files: Iterable[FileEntry] | Callable[[], Iterable[FileEntry]],
        photos: Mapping[str, str],
        summary: Mapping[str, Any],
    ) -> None:
        """Write the manifest and let the journal go.

        ``files``: all that were written; or what gives them, in their order, as often as it is
        called, so that a long run need not hold them all.
        """
        if callable(files):
            entries = files
        else:
            written = sorted(files)
            entries = written.copy
        roots = {name: str(root) for name, root in self.roots.items()}
        manifest = self.folder / MANIFEST
        remove_left_behind(
            lambda: chain((f"{roots[e.root]}/{e.path}" for e in entries()), [str(manifest)])
        )
        write_manifest(manifest, self.identity, photos, entries(), summary)
        self.finished = Manifest(self.identity, dict(photos), [], dict(summary))

    def _delete_intended(self) -> None:
        for intent in self.journal.glob("*.intent"):
            delete_files(self.roots, msgspec.json.decode(intent.read_bytes(), type=list[FileEntry]))
        self._clear_journal()

    def _clear_journal(self) -> None:
        for path in self.journal.iterdir():
            if path.name != "lock":
                shutil.rmtree(path) if path.is_dir() else path.unlink()


class ShardWriter:
    """Writes the files of one shard under temporary names, renames them, then records itself."""

    def __init__(self, journal: Path, roots: Mapping[str, Path], shard: str) -> None:
        self.journal = journal
        self.roots = roots
        self.shard = shard
        self.files: list[FileEntry] = []
        self.photos: dict[str, str] = {}

    def intend(self, paths: Iterable[tuple[str, str]]) -> None:
        """Note (root, path) of all files to come, so that an abandoned run can be cleaned up."""
        planned = [FileEntry(root, path, 0, "") for root, path in paths]
        refuse_outside(self.roots, ((entry.root, entry.path) for entry in planned))
        write_atomically(self.journal / f"{self.shard}.intent", msgspec.json.encode(planned))
        make_folders((self.roots[entry.root] / entry.path).parent for entry in planned)

    def write(self, root: str, path: str, content: bytes) -> None:
        """Write one file."""
        write_atomically(self.roots[root] / path, content)
        digest = hashlib.sha256(content).hexdigest()
        self.files.append(FileEntry(root, path, len(content), digest))

    def record(self) -> ShardRecord:
        """Say that the shard is finished."""
        record = ShardRecord(self.files, self.photos)
        write_atomically(self.journal / f"{self.shard}.done", msgspec.json.encode(record))
        return record
