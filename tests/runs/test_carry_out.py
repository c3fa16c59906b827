"""The protocol of a run, on one that copies texts in two stages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from helpers.coco import tree
from helpers.reporters import Notes

from trashdata.errors import UserError
from trashdata.outcome import Outcome
from trashdata.runs.estimate import Estimate
from trashdata.runs.folder import RunFolder
from trashdata.runs.hashes import file_sha256
from trashdata.runs.records import Manifest, ShardRecord, run_identity
from trashdata.runs.run import Run, Written, carry_out
from trashdata.runs.single_file import SingleFile
from trashdata.runs.stage import NamedShard, Stage, Work, split
from trashdata.runs.writer import ShardWriter


@dataclass(frozen=True)
class Copying(Run[list[str]]):
    """Writes each text shouted, then that backwards; ``log``: what was worked on."""

    folder: Path
    texts: tuple[str, ...]
    photo: Path
    log: list[str] = field(default_factory=list)
    broken: str | None = None
    size: float = 0.0
    plan_type = list[str]

    def destination(self, *, overwrite: bool) -> RunFolder:
        identity = run_identity("copying", {"texts": self.texts}, {})
        return RunFolder(self.folder, identity, {"data": self.folder.parent}, overwrite=overwrite)

    def plan(self, work: Work) -> list[str]:  # noqa: ARG002
        self.log.append("plan")
        return sorted(self.texts)

    def outputs(self) -> Iterable[tuple[str, str]]:
        return (("data", f"{kind}-{text}.txt") for kind in ("loud", "back") for text in self.texts)

    def inputs(self) -> Iterable[Path]:
        yield self.photo

    def photo_path(self, name: str) -> Path:
        return self.folder.parent / name

    def estimate(self, plan: list[str], work: Work) -> Estimate:  # noqa: ARG002
        return Estimate(self.size, self.size / 1e7)

    def write(self, plan: list[str], work: Work) -> Written:
        loud, back = split(plan, "loud-{:03}", size=2), split(plan, "back-{:03}", size=2)
        photos: dict[str, str] = {}
        for stage, shards in ((_shout, loud), (_turn, back)):
            photos |= work.carry_out(
                Stage("Texts", stage, (self, work.kept), shards), self.photo_path
            )
        return Written([*work.files_of(loud), *work.files_of(back)], photos, {"texts": len(plan)})

    def finished_plan(self, manifest: Manifest, work: Work) -> list[str]:  # noqa: ARG002
        return ["?"] * manifest.summary["texts"]

    def outcome(self, plan: list[str], summary: Mapping[str, Any] | None) -> Outcome:
        return Outcome("copying", {}, [] if summary is None else ["all"], {"texts": len(plan)})


def _shout(context: tuple[Copying, Path], shard: tuple[int, tuple[str, ...]]) -> ShardRecord:
    run, journal = context
    number, texts = shard
    writer = ShardWriter(journal, {"data": run.folder.parent}, f"loud-{number:03}")
    writer.intend([("data", f"loud-{text}.txt") for text in texts])
    for text in texts:
        run.log.append(f"shout {text}")
        if text == run.broken:
            raise UserError(text, expected="a text", found="a fault", advice="correct it")
        writer.write("data", f"loud-{text}.txt", text.upper().encode())
    writer.photos[run.photo.name] = file_sha256(run.photo)
    return writer.record()


def _turn(context: tuple[Copying, Path], shard: tuple[int, tuple[str, ...]]) -> ShardRecord:
    run, journal = context
    number, texts = shard
    writer = ShardWriter(journal, {"data": run.folder.parent}, f"back-{number:03}")
    writer.intend([("data", f"back-{text}.txt") for text in texts])
    for text in texts:
        run.log.append(f"turn {text}")
        loud = (run.folder.parent / f"loud-{text}.txt").read_bytes()
        writer.write("data", f"back-{text}.txt", loud[::-1])
    return writer.record()


@pytest.fixture
def copying(tmp_path: Path) -> Copying:
    photo = tmp_path / "photo.jpg"
    photo.write_bytes(b"light")
    return Copying(tmp_path / "out", ("b", "a", "c"), photo)


def test_all_is_written_and_told(copying: Copying) -> None:
    outcome = carry_out(copying)
    assert (outcome.outputs, outcome.counts) == (["all"], {"texts": 3})
    data = copying.folder.parent
    assert (data / "back-b.txt").read_bytes() == b"B"
    assert [path.name for path in copying.folder.iterdir()] == ["manifest.json"]


def test_a_dry_run_plans_and_touches_nothing(copying: Copying) -> None:
    before = tree(copying.folder.parent)
    outcome = carry_out(copying, dry_run=True)
    assert (outcome.outputs, outcome.counts, copying.log) == ([], {"texts": 3}, ["plan"])
    assert tree(copying.folder.parent) == before
    assert not copying.folder.exists()


def test_a_finished_run_is_told_again(copying: Copying) -> None:
    carry_out(copying)
    for dry_run in (False, True):
        again, notes = replace(copying, log=[]), Notes()
        outcome = carry_out(again, dry_run=dry_run, reporter=notes)
        assert (outcome.counts, again.log) == ({"texts": 3}, [])
        assert notes.notes == [f"Already finished: {copying.folder} is complete."]


def test_a_finished_run_whose_photo_changed_is_refused(copying: Copying) -> None:
    carry_out(copying)
    copying.photo.write_bytes(b"dark")
    for dry_run in (False, True):
        with pytest.raises(UserError, match=r"photo\.jpg: expected the photo that the earlier"):
            carry_out(copying, dry_run=dry_run)


def test_an_interrupted_run_goes_on_where_it_stopped(copying: Copying) -> None:
    with pytest.raises(UserError, match="a fault"):
        carry_out(replace(copying, broken="c"))
    copying.log.clear()
    notes = Notes()
    carry_out(copying, reporter=notes)
    # The first shard, a and b, is done; the plan is read from the journal.
    assert copying.log == ["shout c", "turn a", "turn b", "turn c"]
    assert notes.notes == [f"Resuming the run in {copying.folder}."]
    assert [path.name for path in copying.folder.iterdir()] == ["manifest.json"]


def test_a_resumed_run_is_the_undisturbed_one(copying: Copying, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "photo.jpg").write_bytes(b"light")
    undisturbed = replace(copying, folder=other / "out", photo=other / "photo.jpg")
    carry_out(undisturbed)
    with pytest.raises(UserError):
        carry_out(replace(copying, broken="b"))
    carry_out(copying)
    expected = tree(other)
    found = {k: v for k, v in tree(tmp_path).items() if not str(k).startswith("other")}
    assert found == expected


def test_an_interrupted_run_whose_photo_changed_is_refused(copying: Copying) -> None:
    with pytest.raises(UserError):
        carry_out(replace(copying, broken="c"))
    copying.photo.write_bytes(b"dark")
    with pytest.raises(UserError, match="another content"):
        carry_out(copying)


def test_another_run_takes_the_folder_only_with_overwrite(copying: Copying) -> None:
    carry_out(copying)
    fewer = replace(copying, texts=("a", "d"))
    for dry_run in (True, False):
        with pytest.raises(UserError, match="a finished run with other options"):
            carry_out(fewer, dry_run=dry_run)
    carry_out(fewer, overwrite=True)
    names = {path.name for path in copying.folder.parent.glob("*.txt")}
    assert names == {"loud-a.txt", "back-a.txt", "loud-d.txt", "back-d.txt"}


def test_an_interrupted_run_is_replaced_with_overwrite(copying: Copying) -> None:
    with pytest.raises(UserError):
        carry_out(replace(copying, broken="c"))
    fewer = replace(copying, texts=("a", "d"))
    with pytest.raises(UserError, match="an interrupted run with other options"):
        carry_out(fewer)
    carry_out(fewer, dry_run=True, overwrite=True)
    assert (copying.folder.parent / "loud-b.txt").exists()
    half_written = copying.folder.parent / ".loud-c.txt.4711.part"
    half_written.write_bytes(b"C")
    carry_out(fewer, overwrite=True)
    names = {path.name for path in copying.folder.parent.glob("*.txt")}
    assert names == {"loud-a.txt", "back-a.txt", "loud-d.txt", "back-d.txt"}
    assert not half_written.exists()


def test_a_journal_that_a_finished_run_left_is_not_gone_on_with(copying: Copying) -> None:
    """As of a run that is killed between its manifest and the end of its journal."""
    with pytest.raises(UserError):
        carry_out(replace(copying, broken="c"))
    journal = copying.folder / ".journal"
    left = {path.name: path.read_bytes() for path in journal.iterdir()}
    carry_out(copying)
    for again, overwrite in ((copying, True), (replace(copying, texts=("a", "d")), True)):
        journal.mkdir()
        for name, content in left.items():
            (journal / name).write_bytes(content)
        again.log.clear()
        carry_out(again, overwrite=overwrite)
        # Nothing of the left shard, a and b, was taken for done.
        assert [entry for entry in again.log if entry.startswith("shout")] == [
            f"shout {text}" for text in sorted(again.texts)
        ]
        assert [path.name for path in copying.folder.iterdir()] == ["manifest.json"]


def test_a_journal_that_is_a_link_is_refused(copying: Copying, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "mine.txt").write_text("mine")
    copying.folder.mkdir()
    (copying.folder / ".journal").symlink_to(elsewhere)
    for dry_run in (True, False):
        with pytest.raises(UserError, match="which is no folder of a run"):
            carry_out(copying, dry_run=dry_run)
    assert (elsewhere / "mine.txt").read_text() == "mine"


def test_what_is_refused_loses_nothing(copying: Copying) -> None:
    """The interrupted run that was to be replaced can still go on."""
    with pytest.raises(UserError):
        carry_out(replace(copying, broken="c"))
    fewer = replace(copying, texts=("a", "d"))
    stray = copying.folder.parent / "back-d.txt"
    stray.write_text("somebody else's")
    before = tree(copying.folder.parent)
    for dry_run in (True, False):
        with pytest.raises(UserError, match=r"back-d\.txt: expected no file of this name"):
            carry_out(fewer, overwrite=True, dry_run=dry_run)
    assert tree(copying.folder.parent) == before
    copying.log.clear()
    carry_out(copying)
    assert "shout a" not in copying.log


def test_what_is_read_is_not_deleted(copying: Copying) -> None:
    carry_out(copying)
    reading = replace(copying, texts=("a",), photo=copying.folder.parent / "loud-b.txt")
    for dry_run in (True, False):
        with pytest.raises(UserError, match="found one that it reads"):
            carry_out(reading, overwrite=True, dry_run=dry_run)


def test_what_was_changed_is_not_deleted(copying: Copying) -> None:
    carry_out(copying)
    (copying.folder.parent / "loud-b.txt").write_text("by hand")
    with pytest.raises(UserError, match="found one that was changed since"):
        carry_out(replace(copying, texts=("a",)), overwrite=True)


def test_one_process_at_a_time(copying: Copying) -> None:
    with (
        copying.destination(overwrite=False),
        pytest.raises(UserError, match="another process that is writing there"),
    ):
        carry_out(copying)
    assert not copying.folder.exists()


@pytest.mark.parametrize(
    ("size", "said"),
    [
        (1e6, []),
        (2e8, ["Would take about 0.2 GB."]),
        (6.1e8, ["Would take about 0.6 GB and 2 minutes."]),
        (9e10, ["Would take about 90.0 GB and 2.5 hours."]),
    ],
)
def test_a_dry_run_tells_space_and_time(copying: Copying, size: float, said: list[str]) -> None:
    notes = Notes()
    carry_out(replace(copying, size=size), dry_run=True, reporter=notes)
    assert notes.notes == said


def test_shards_that_read_two_contents_of_a_photo_end_the_run(copying: Copying) -> None:
    def changing(context: Any, shard: Any) -> ShardRecord:
        copying.photo.write_bytes(str(shard).encode())
        return _shout(context, shard)

    shards = split(["a", "b", "c"], "loud-{:03}", size=2)

    class Twice(Copying):
        def write(self, plan: list[str], work: Work) -> Written:  # noqa: ARG002
            return Written([], work.carry_out(Stage("Texts", changing, (self, work.kept), shards)))

    with pytest.raises(UserError, match="found two contents"):
        carry_out(Twice(copying.folder, copying.texts, copying.photo))


def test_work_here_is_told_item_by_item(copying: Copying) -> None:
    ticks: list[int] = []

    def shout(context: Any, shard: Any, tick: Any) -> ShardRecord:
        for _ in shard[1]:
            tick()
        ticks.append(len(shard[1]))
        return _shout(context, shard)

    class Here(Copying):
        def write(self, plan: list[str], work: Work) -> Written:
            shards: list[NamedShard[Any]] = split(plan, "loud-{:03}", size=2)
            work.carry_out(Stage("Texts", shout, (self, work.kept), shards, here=True))
            return Written(list(work.files_of(shards)))

    carry_out(Here(copying.folder, copying.texts, copying.photo), workers=2)
    assert ticks == [2, 1]


@dataclass(frozen=True)
class OneFile(Run[str]):
    """A run of one file."""

    path: Path
    source: Path

    def destination(self, *, overwrite: bool) -> SingleFile:
        return SingleFile(self.path, [self.source], overwrite=overwrite)

    def plan(self, work: Work) -> str:  # noqa: ARG002
        return self.source.read_text()

    def write(self, plan: str, work: Work) -> Written:  # noqa: ARG002
        self.path.write_text(plan)
        return Written()

    def outcome(self, plan: str, summary: Mapping[str, Any] | None) -> Outcome:
        return Outcome("one", {}, [] if summary is None else [str(self.path)], {"n": len(plan)})


def test_a_run_of_one_file(tmp_path: Path) -> None:
    source = tmp_path / "a.json"
    source.write_text("{}")
    (tmp_path / "link.json").symlink_to("nowhere")
    for dry_run in (True, False):
        with pytest.raises(UserError, match="found a file of that name"):
            carry_out(OneFile(tmp_path / "link.json", source), dry_run=dry_run)
    run = OneFile(tmp_path / "b.json", source)
    assert carry_out(run, dry_run=True).outputs == []
    assert not run.path.exists()
    assert carry_out(run).outputs == [str(run.path)]
    for dry_run in (True, False):
        with pytest.raises(UserError, match="found a file of that name"):
            carry_out(run, dry_run=dry_run)
        with pytest.raises(UserError, match=r"found a\.json, which is read"):
            carry_out(OneFile(source, source), overwrite=True, dry_run=dry_run)
