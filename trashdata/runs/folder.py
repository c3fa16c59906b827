"""The run folder: lock, identity, journal during the run, manifest afterwards.

The folder ``<out>/`` belongs to the run. During the run, ``<out>/.journal/`` holds its identity and
a record of each finished shard; at the end, ``<out>/manifest.json`` is written and the journal
deleted. No file holds a time, a worker count or an absolute path.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from itertools import chain
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Literal, Self

import msgspec

from trashdata.errors import UserError, printable
from trashdata.runs.files import make_folders, remove_left_behind, write_atomically
from trashdata.runs.hashes import file_sha256
from trashdata.runs.links import not_outside, refuse_outside
from trashdata.runs.locks import check_locks, lock
from trashdata.runs.manifest import JOURNAL, MANIFEST, delete_files, read_manifest, write_manifest
from trashdata.runs.records import FileEntry, Manifest, ShardRecord

State = Literal["new", "interrupted", "finished"]
"""Of the run with this identity: there is nothing of it yet, a part, or all."""


class RunFolder:
    """A run folder; as a context manager it is locked against other processes.

    Parameters
    ----------
    path : the folder.
    identity : see `trashdata.runs.records.run_identity`.
    roots : folders by name that the run writes under; the manifest's paths are relative to them.
    overwrite : replace what an earlier run with another identity (or this one) left there.
    option : the option that names the folder, for messages.
    """

    def __init__(
        self,
        path: Path,
        identity: Mapping[str, Any],
        roots: Mapping[str, Path],
        *,
        overwrite: bool = False,
        option: str = "--out",
    ) -> None:
        self.path = path
        self.option = option
        self.identity = dict(identity)
        self.roots = dict(roots)
        self.overwrite = overwrite
        self.journal = path / JOURNAL
        self.state: State = "new"
        self._lock: BinaryIO | None = None
        self._made = [parent for parent in (path, *path.parents) if not parent.exists()]

    # --- an earlier run ---

    def check(self) -> State:
        """Refuse a folder that this run can't use; change nothing.

        Returns
        -------
        The state of this run; "new" if ``overwrite`` replaces an earlier one.

        Raises
        ------
        UserError : the folder holds unknown files or those of another run, or files of this
            finished run are missing or changed.
        """
        check_locks()
        manifest_files = [
            (name, f"{self.path.relative_to(root)}/{MANIFEST}")
            for name, root in self.roots.items()
            if root in self.path.parents
        ]
        refuse_outside(self.roots, manifest_files)
        if self.journal.is_symlink() or (self.journal.exists() and not self.journal.is_dir()):
            raise self._unusable(f"{JOURNAL} in it, which is no folder of a run")
        manifest = self.manifest()
        self._refuse_unknown_files(manifest)
        self._refuse_other_run(manifest)
        if self._interrupted_identity() == self.identity:
            return "interrupted"
        if self.replaces or manifest is None:
            return "new"
        self._check_complete(manifest)
        return "finished"

    @property
    def replaces(self) -> bool:
        """Whether files of an earlier run have to be deleted first."""
        started = self._interrupted_identity()
        if started is not None:
            return started != self.identity
        return self.overwrite and (self.path / MANIFEST).exists()

    def manifest(self) -> Manifest | None:
        """The manifest of a finished run in the folder, this one or another."""
        advice = f"move the folder away or choose another {self.option}"
        try:
            return read_manifest(self.path, advice)
        except NotADirectoryError:
            raise self._unusable("a file") from None

    def _refuse_unknown_files(self, manifest: Manifest | None) -> None:
        if manifest is not None or self.journal.exists() or not self.path.exists():
            return
        unknown = sorted(path.name for path in self.path.iterdir())
        if unknown:
            others = f" and {len(unknown) - 1} more" if len(unknown) > 1 else ""
            raise UserError(
                self._where,
                expected="a folder that is new, empty or an earlier run's",
                found=f"{printable(unknown[0])}{others} in it",
                advice=f"choose another {self.option} or move them away",
            )

    def _refuse_other_run(self, manifest: Manifest | None) -> None:
        """Refuse another run, unless ``overwrite`` is given and it is of the same command."""
        started = self._interrupted_identity()
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
            state = "an interrupted" if started is not None else "a finished"
            raise UserError(
                self._where,
                expected="a new folder or one of the same run",
                found=f"{state} run with other options or inputs",
                advice=f"choose another {self.option}, or replace it with --overwrite",
            )

    def _interrupted_identity(self) -> dict[str, Any] | None:
        """The identity of an interrupted run; with a manifest, the run is finished instead."""
        path = self.journal / "identity.json"
        if not path.exists() or (self.path / MANIFEST).exists():
            return None
        identity: dict[str, Any] = msgspec.json.decode(path.read_bytes())
        return identity

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

    @property
    def _where(self) -> str:
        # --out is a plain name, other options are paths.
        name = self.path.name if self.option == "--out" else str(self.path)
        return f"{self.option} {printable(name)}"

    def _unusable(self, found: str) -> UserError:
        return UserError(
            self._where,
            expected="a folder that can be written to",
            found=found,
            advice=f"correct the path or its permissions, or choose another {self.option}",
        )

    # --- conflicts with existing files ---

    def refuse_existing(self, files: Iterable[tuple[str, str]]) -> None:
        """Refuse to write files (root, path) that exist, unless they belong to the replaced run."""
        replaced = {(entry.root, entry.path) for entry in self._replaced_files()}
        for root, path in not_outside(self.roots, files):
            if (root, path) not in replaced and os.path.lexists(self.roots[root] / path):
                raise UserError(
                    printable(str(self.roots[root] / path)),
                    expected="no file of this name",
                    found="a file that no earlier run wrote",
                    advice="move it away",
                )

    def refuse_deleting(self, inputs: Iterable[Path]) -> None:
        """Refuse to replace a run if some of its files are inputs, or were changed since."""
        replaced = self._replaced_files()
        refuse_outside(self.roots, ((entry.root, entry.path) for entry in replaced))
        # Unlike Path.resolve, it accepts circular links.
        read = {os.path.realpath(path) for path in inputs} if replaced else set()
        for entry in replaced:
            path = self.roots[entry.root] / entry.path
            if os.path.realpath(path) in read:
                raise UserError(
                    printable(str(path)),
                    expected="an earlier output that this run does not read",
                    found="one that it reads",
                    advice=f"choose another {self.option}",
                )
            if entry.sha256 and path.is_file() and file_sha256(path) != entry.sha256:
                raise UserError(
                    printable(str(path)),
                    expected="the file as the earlier run wrote it",
                    found="one that was changed since",
                    advice="move it away, then start again",
                )

    def _replaced_files(self) -> list[FileEntry]:
        """The files of the finished or interrupted run that this one replaces.

        Files that an interrupted run was about to write have no SHA-256.
        """
        if not self.replaces:
            return []
        manifest = self.manifest()
        return manifest.files if manifest is not None else list(self._intended())

    def _intended(self) -> Iterable[FileEntry]:
        for intent in self.journal.glob("*.intent"):
            yield from msgspec.json.decode(intent.read_bytes(), type=list[FileEntry])

    # --- the lock ---

    def __enter__(self) -> Self:
        self._take_lock()
        try:
            # Check again: another process may have ended between the first check and the lock.
            self.state = self.check()
            if self.state == "new" and self._interrupted_identity() is None:
                # Left by a run that ended before writing, or by a finished one that was killed
                # before it had deleted its journal: its shards are not those of this run.
                self._clear_journal()
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
        finished = self.state == "finished"
        if finished or nothing_written:
            shutil.rmtree(self.journal, ignore_errors=True)
        if self._lock is not None:
            self._lock.close()
            self._lock = None
        if not finished and nothing_written:
            with suppress(OSError):
                for path in self._made:
                    if path.is_dir() and not any(path.iterdir()):
                        path.rmdir()

    def _take_lock(self) -> None:
        try:
            self.journal.mkdir(parents=True, exist_ok=True)
            self._lock = (self.journal / "lock").open("wb")
        except OSError as error:
            raise self._unusable(error.strerror or str(error)) from None
        if not lock(self._lock):
            self._lock.close()
            self._lock = None
            raise UserError(
                self._where,
                expected="one run at a time",
                found="another process that is writing there",
                advice="wait until it ends",
            )

    # --- writing ---

    def discard_interrupted(self) -> None:
        """Delete the files and the journal of an interrupted run that is replaced.

        This comes before the new plan, which is also written to the journal.
        """
        if self._interrupted_identity() not in (None, self.identity):
            self._delete_replaced()
            self._clear_journal()

    def _delete_replaced(self) -> None:
        """Delete the files of the replaced run, and what killed workers left of them."""
        files = list(self._replaced_files())
        paths = [self.roots[entry.root] / entry.path for entry in files]
        names = [str(path) for path in paths if path.parent.is_dir()]
        remove_left_behind(lambda: names)
        delete_files(self.roots, files)

    def start(self) -> None:
        """Begin to write: delete the finished run that this one replaces."""
        if self.replaces:
            self._delete_replaced()
            (self.path / MANIFEST).unlink()
        make_folders(self.roots.values())
        write_atomically(self.journal / "identity.json", msgspec.json.encode(self.identity))

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
        """Write the manifest, and delete the journal.

        ``files``: the written files; or a function that returns an iterator over them in order, so
        that a long run need not hold them in memory.
        """
        if callable(files):
            entries = files
        else:
            written = sorted(files)
            entries = written.copy
        roots = {name: str(root) for name, root in self.roots.items()}
        manifest = self.path / MANIFEST
        remove_left_behind(
            lambda: chain((f"{roots[e.root]}/{e.path}" for e in entries()), [str(manifest)])
        )
        write_manifest(manifest, self.identity, photos, entries(), summary)
        self.state = "finished"

    def _clear_journal(self) -> None:
        for path in self.journal.iterdir():
            if path.name != "lock":
                shutil.rmtree(path) if path.is_dir() else path.unlink()
