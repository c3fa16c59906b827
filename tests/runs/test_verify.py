"""``verify`` and ``clean``: what a finished run wrote, and nothing else."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from corpus.base import make_set
from corpus.running import state, trashdata
from helpers.processes import RunCli

from trashdata.clean import clean
from trashdata.errors import UserError
from trashdata.masks import MasksOptions, masks
from trashdata.verify import verify


@pytest.fixture
def data(tmp_path: Path) -> Path:
    make_set(tmp_path / "data")
    return tmp_path / "data"


@pytest.fixture
def run(data: Path) -> Path:
    """The folder of a finished run of ``masks``."""
    masks(data, MasksOptions(json="train.json"))
    return data / "masks"


def test_an_untouched_run_is_as_it_was(run: Path) -> None:
    counts = verify(run).counts
    assert counts == {"files": 7, "missing": 0, "changed": 0, "extra": 0}


def test_every_difference_is_named(run: Path) -> None:
    (run / "batch_1" / "0002.png").unlink()
    changed = run / "batch_2" / "0001.png"
    content = bytearray(changed.read_bytes())
    content[-20] ^= 1  # of the same size
    changed.write_bytes(content)
    (run / "batch_2" / "mine.txt").touch()
    outcome = verify(run)
    assert [tuple(d.values()) for d in outcome.figures["differences"]] == [
        ("missing", str(run / "batch_1" / "0002.png")),
        ("changed", str(changed)),
        ("extra", str(run / "batch_2" / "mine.txt")),
    ]


def test_exit_codes_and_summary(run: Path) -> None:
    done = trashdata(run.parent.parent, "verify", "data/masks", "--json-summary")
    assert done.code == 0
    assert json.loads(done.stdout)["counts"]["files"] == 7
    (run / "classes.json").unlink()
    done = trashdata(run.parent.parent, "verify", "data/masks")
    assert done.code == 1
    assert "classes.json" in done.stdout


def test_a_sample_set_with_other_runs_in_it(sample_set: Path, tmp_path: Path) -> None:
    data = Path(shutil.copytree(sample_set, tmp_path / "data"))
    before = state(data)
    masks(data, MasksOptions(json="val.json"))
    copied = trashdata(
        tmp_path, "copy-paste", "--data", "data", "--patch", "Paper", "--num", "2", "--workers", "1"
    )
    assert copied.code == 0, copied.stderr
    for folder in (data, data / "masks", data / "copy_paste"):
        counts = verify(folder).counts
        assert (counts["missing"], counts["changed"], counts["extra"]) == (0, 0, 0), folder
    clean(data / "copy_paste")
    clean(data / "masks")
    assert state(data) == before


def test_photos_of_a_run_with_an_image_root_of_its_own(data: Path) -> None:
    root = data.parent / "photos"
    root.mkdir()
    for folder in ("batch_1", "batch_2"):
        shutil.move(data / folder, root / folder)
    before = state(root)
    arguments = ("--data", "data", "--images", "photos", "--json", "train.json")
    done = trashdata(
        data.parent, "copy-paste", *arguments, "--patch", "Battery", "--num", "2", "--workers", "1"
    )
    assert done.code == 0, done.stderr
    with pytest.raises(UserError, match="give the --images that the run had"):
        clean(data / "copy_paste")
    assert verify(data / "copy_paste", images=root).counts["missing"] == 0
    clean(data / "copy_paste", images=root)
    assert state(root) == before
    assert sorted(path.name for path in data.iterdir()) == ["train.json"]


def test_clean_deletes_what_the_manifest_lists_and_no_more(run: Path, data: Path) -> None:
    (run / "batch_2" / "mine.txt").write_text("mine")
    before = state(data)
    assert clean(run, dry_run=True).counts == {"listed": 7, "deleted": 0}
    assert state(data) == before
    assert clean(run).counts == {"listed": 7, "deleted": 7}
    assert state(run) == {"batch_2": "folder or pipe", "batch_2/mine.txt": b"mine"}
    with pytest.raises(UserError, match="none there"):
        clean(run)


def test_clean_stops_before_a_changed_file(run: Path, data: Path) -> None:
    (run / "batch_2" / "0005.png").write_bytes(b"mine")
    before = state(data)
    with pytest.raises(UserError, match=r"0005\.png: .* changed since"):
        clean(run)
    assert state(data) == before


def test_clean_never_leaves_the_folder(run: Path, data: Path) -> None:
    path = run / "manifest.json"
    manifest = json.loads(path.read_bytes())
    outside = data.parent / "outside"
    outside.mkdir()
    shutil.move(run / "batch_1", outside / "batch_1")
    (run / "batch_1").symlink_to(outside / "batch_1")
    with pytest.raises(UserError, match="found a link to"):
        clean(run)
    manifest["files"][0]["path"] = "../outside/batch_1/0002.png"
    path.write_text(json.dumps(manifest))
    with pytest.raises(UserError, match="a file outside"):
        clean(run)
    assert len(list((outside / "batch_1").iterdir())) == 3


@pytest.mark.parametrize("name", ["verify", "clean"])
@pytest.mark.parametrize(
    ("folder", "found"),
    [("nowhere", "found nothing"), ("train.json", "found a file"), (".", "found none there")],
)
def test_folders_without_a_finished_run(name: str, folder: str, found: str, data: Path) -> None:
    before = state(data)
    done = trashdata(data, name, folder)
    assert done.code == 2
    assert found in done.sentence
    assert state(data) == before


@pytest.mark.parametrize("look", [clean, verify])
@pytest.mark.parametrize(
    ("identity", "command"),
    [(b'{"command": "masks"}', "start 'trashdata masks' with"), (None, "start its command with")],
)
def test_an_interrupted_run_is_left_alone_and_says_what_to_do(
    look: Callable[[Path], object], identity: bytes | None, command: str, run: Path, data: Path
) -> None:
    journal = run / ".journal"
    journal.mkdir()
    if identity is not None:
        (journal / "identity.json").write_bytes(identity)
    (run / "manifest.json").unlink()
    before = state(data)
    with pytest.raises(UserError, match=f"was interrupted, or still goes on; {command}"):
        look(run)
    assert state(data) == before


def test_a_run_that_was_killed_when_all_was_written_is_a_finished_one(
    run: Path, data: Path
) -> None:
    (run / ".journal").mkdir()
    (run / ".journal" / "identity.json").write_bytes(b'{"command": "masks"}')
    assert verify(run).counts["missing"] == 0
    assert clean(run).counts["deleted"] == 7
    assert not run.exists()
    masks(data, MasksOptions(json="train.json"))
    assert verify(run).counts == {"files": 7, "missing": 0, "changed": 0, "extra": 0}


@pytest.mark.parametrize("content", [b"", b"[]", b"\xff", b'{"files": 3}'])
def test_a_manifest_that_is_none(content: bytes, run: Path, run_cli: RunCli) -> None:
    (run / "manifest.json").write_bytes(content)
    done = run_cli("clean", run)
    assert done.returncode == 2
    assert "expected the manifest of an earlier run" in done.stderr
    assert (run / "classes.json").exists()
