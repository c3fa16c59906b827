"""Arms from a file, and what each is compared with."""

from __future__ import annotations

from pathlib import Path

import pytest

from trashdata.errors import UserError
from trashdata.prove.arms import DEFAULT_ARMS, Arm, controls, read_arms, switched_on
from trashdata.prove.spokes import CopyPasteOptions, PseudoOptions


def arms_of(tmp_path: Path, text: str, *names: str) -> list[Arm]:
    file = tmp_path / "arms.toml"
    file.write_text(text, encoding="utf-8")
    return read_arms(names, file, "plain", ["Battery"])


def the_arm(tmp_path: Path, text: str) -> Arm:
    return arms_of(tmp_path, text, "a")[-1]


def test_default_arms_come_after_their_control() -> None:
    arms = read_arms([], None, "plain", [])
    assert [arm.name for arm in arms] == ["plain", "background-only", "sampling", "copy-paste"]
    chosen = read_arms(["copy-paste", "plain"], None, "plain", [])
    assert [arm.name for arm in chosen] == ["plain", "copy-paste"]


def test_an_arm_with_new_photos_has_two_controls() -> None:
    arms = read_arms([], None, "plain", [])
    found = {arm.name: controls(arm, arms, "plain") for arm in arms}
    assert found == {
        "plain": [],
        "background-only": ["plain"],
        "sampling": ["plain"],
        "copy-paste": ["plain", "background-only"],
    }
    two = read_arms(["copy-paste"], None, "plain", [])
    assert controls(two[1], two, "plain") == ["plain"]


def test_pastes_get_the_declared_classes_unless_they_name_some(tmp_path: Path) -> None:
    text = '[arm.a.copy-paste]\n[arm.b.copy-paste]\npatch = ["Metal"]\n'
    _, a, b = arms_of(tmp_path, text, "a", "b")
    assert (a.patch, b.patch) == (("Battery",), ("Metal",))


def test_an_option_that_plans_in_sequence_makes_files(tmp_path: Path) -> None:
    fresh = the_arm(tmp_path, "[arm.a.copy-paste]\nmax-objects = 2\n")
    assert fresh.fresh is not None
    assert not fresh.makes_files
    files = the_arm(tmp_path, "[arm.a.copy-paste]\nnum = 20\n")
    assert files.fresh is None
    assert files.copy_paste is not None
    assert files.copy_paste.num == 20
    assert files.makes_files


def test_a_preset_is_taken_and_its_values_can_be_changed(tmp_path: Path) -> None:
    arm = the_arm(tmp_path, '[arm.a.copy-paste]\npreset = "natural"\nlsj-max = 1.5\n')
    assert arm.fresh is not None
    assert (arm.fresh.lsj_min, arm.fresh.lsj_max, arm.fresh.small_to_large) == (0.8, 1.5, False)


def test_repeats_are_no_new_photos(tmp_path: Path) -> None:
    arm = the_arm(tmp_path, '[arm.a.oversample]\nrepeat-factor = "auto"\n')
    assert arm.makes_files
    assert not arm.shows_new_photos
    assert arm.share is None


def test_an_arm_of_the_file_replaces_a_default_one(tmp_path: Path) -> None:
    arm = arms_of(tmp_path, "[arm.copy-paste]\nshare = 0.2\n[arm.copy-paste.copy-paste]\n")[-1]
    assert (arm.name, arm.share) == ("copy-paste", 0.2)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[arm.a]\nshar = 0.5\n", "'?shar'?.*did you mean"),
        ("[arm.a]\nshare = 0.5\n", "share.*copy-paste or oversample beside it"),
        ("[arm.a]\nshare = 1.5\n[arm.a.copy-paste]\n", "share.*above 0"),
        ("[arm.a.copy-paste]\nplac = 'row'\n", "plac"),
        (
            "[arm.a.copy-paste]\nplace = 'nowhere'\n",
            r"\[arm\.a\] copy-paste place: expected one of",
        ),
        ("[arm.a.copy-paste]\npreset = 'nothing'\n", r"\[arm\.a\] copy-paste preset 'nothing'"),
        ("[arm.a.copy-paste]\nseed = 3\n", "seed.*same for all arms"),
        ("[arm.a.copy-paste]\njson = 'x.json'\n", "json.*same for all arms"),
        ("[arm.a.train]\npaste = 0.5\n", "paste"),
        ("[arm.a.train]\nval = 'val.json'\n", "val.*same for all arms"),
        ("[arm.a.train]\nlr = 'high'\n", "lr.*number"),
        ("[arm.a.train]\nsampler = 'iou'\n", "keep last"),
        ("[arm.a.pseudo]\nmodel = ['exp']\n", "model.*own training"),
        ("[arm.a]\ncopy-paste = 3\n", "a table"),
        ("arm = 3\n", "tables such as"),
        ("[other]\n", "other"),
        ("[arm]\n", "none"),
        ("[arm.a\n", "--arms"),
    ],
)
def test_faults_are_named(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(UserError, match=said):
        the_arm(tmp_path, text)


def test_unknown_and_lonely_arms_are_refused() -> None:
    with pytest.raises(UserError, match=r"--arm copypaste.*copy-paste"):
        read_arms(["copypaste"], None, "plain", [])
    with pytest.raises(UserError, match="--against nothing"):
        read_arms([], None, "nothing", [])
    with pytest.raises(UserError, match="an arm beside plain"):
        read_arms(["plain"], None, "plain", [])


def test_tables_are_not_changed() -> None:
    before = repr(DEFAULT_ARMS)
    read_arms([], None, "plain", ["Battery"])
    assert repr(DEFAULT_ARMS) == before


def test_options_that_are_off_are_left_out() -> None:
    content = switched_on(CopyPasteOptions(max_objects=0, lsj=False, patch=()))
    assert content["max_objects"] == 0  # not nothing: the default is 3
    assert not {"lsj", "patch", "donors", "vflip"} & set(content)
    assert switched_on(PseudoOptions(threshold=0.0))["threshold"] == 0.0
