"""Results of runs, kept by content."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from trashdata.comparison import Result, load, save
from trashdata.comparison.store import canonical, key, path_of
from trashdata.errors import UserError

CONTENT = {"arm": {"share": 0.3, "patch": ["Batterie", "배터리"]}, "seed": 1, "steps": 400}
COUNTS = np.array([[[3, 5, 4], [0, 2, 0]], [[1, 1, 1], [7, 9, 8]]], dtype=np.int64)
RESULT = Result(("a.jpg", "종이/b.jpg"), COUNTS)


def test_what_was_saved_is_loaded(tmp_path: Path) -> None:
    path = save(tmp_path / "runs", CONTENT, RESULT)
    assert path.name == f"{key(CONTENT)}.npz"
    found = load(tmp_path / "runs", CONTENT)
    assert found is not None
    assert found.photos == RESULT.photos
    assert np.array_equal(found.counts, COUNTS)
    assert [item.name for item in (tmp_path / "runs").iterdir()] == [path.name]


def test_nothing_kept_is_none(tmp_path: Path) -> None:
    assert load(tmp_path / "runs", CONTENT) is None


def test_the_same_result_is_the_same_bytes(tmp_path: Path) -> None:
    one, two = (save(tmp_path / name, CONTENT, RESULT) for name in ("a", "b"))
    assert one.read_bytes() == two.read_bytes()


def test_the_key_depends_on_the_content_alone() -> None:
    turned = {"steps": 400, "seed": 1, "arm": {"patch": ["Batterie", "배터리"], "share": 0.3}}
    assert key(turned) == key(CONTENT)
    text = '{"arm":{"patch":["Batterie","배터리"],"share":0.3},"seed":1,"steps":400}'
    assert key(CONTENT) == hashlib.sha256(text.encode()).hexdigest()
    assert len({key({"seed": value}) for value in (1, 1.0, "1", True, None, [1])}) == 6


@pytest.mark.parametrize("value", [float("nan"), float("inf"), {1: "a"}, [{1: "a"}], {1}, b"a"])
def test_what_json_would_change_is_refused(value: object) -> None:
    with pytest.raises((ValueError, TypeError)):
        canonical({"a": value})


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-40])


def _flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as archive:
        start = archive.getinfo("counts.npy").header_offset
    content[start + 80] ^= 0xFF
    path.write_bytes(content)


def _empty(path: Path) -> None:
    path.write_bytes(b"")


def _other_format(path: Path) -> None:
    stream = io.BytesIO()
    np.save(stream, COUNTS)
    path.write_bytes(stream.getvalue())


def _pickled(path: Path) -> None:
    np.savez(path, content=np.array([{}], dtype=object), photos=COUNTS, counts=COUNTS)


def _without(path: Path) -> None:
    np.savez(path, counts=COUNTS)


def _impossible(path: Path) -> None:
    with np.load(path) as arrays:
        parts = dict(arrays)
    np.savez(path, **{**parts, "counts": COUNTS[..., ::-1] * np.array([9, 1, 1])})


def _no_arrays(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        for name in ("content", "photos", "counts"):
            archive.writestr(f"{name}.npy", b"text")


def _of_other_names(path: Path) -> None:
    with np.load(path) as arrays:
        parts = dict(arrays)
    np.savez(path, **{**parts, "photos": np.frombuffer(b'["a.jpg"]', dtype=np.uint8)})


def _folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


@pytest.mark.parametrize(
    "damage",
    [
        *(_cut, _flip, _empty, _other_format, _pickled),
        *(_without, _impossible, _no_arrays, _of_other_names, _folder),
    ],
)
def test_a_damaged_file_is_refused_by_name(tmp_path: Path, damage: Callable[[Path], None]) -> None:
    path = save(tmp_path, CONTENT, RESULT)
    damage(path)
    with pytest.raises(UserError, match=f"{path.name}: expected .* delete this file") as told:
        load(tmp_path, CONTENT)
    assert "\n" not in str(told.value)


def test_the_advice_works(tmp_path: Path) -> None:
    path = save(tmp_path, CONTENT, RESULT)
    _cut(path)
    path.unlink()
    assert load(tmp_path, CONTENT) is None
    save(tmp_path, CONTENT, RESULT)
    assert load(tmp_path, CONTENT) is not None


def test_the_result_of_another_run_is_refused(tmp_path: Path) -> None:
    other = save(tmp_path, {"seed": 2}, RESULT)
    other.rename(path_of(tmp_path, CONTENT))
    with pytest.raises(UserError, match="the result of another run"):
        load(tmp_path, CONTENT)


def test_what_no_run_counts_is_not_saved(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="names"):
        save(tmp_path, CONTENT, Result(("a.jpg",), COUNTS))
    with pytest.raises(ValueError, match="int64"):
        save(tmp_path, CONTENT, Result(RESULT.photos, COUNTS.astype(np.int32)))  # type: ignore[arg-type]
    assert not list(tmp_path.iterdir())


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UserError, match="to be able to write there"):
        save(tmp_path / "file" / "runs", CONTENT, RESULT)
