"""``prove --export`` and ``--score``: data for another trainer, its predictions judged."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from helpers.coco import check_ids, load, new_images, pasted, rewrite, tree
from helpers.processes import RunCli
from helpers.reporters import Notes
from numpy.typing import NDArray
from PIL import Image

from trashdata.coco.read import read_document
from trashdata.errors import UserError
from trashdata.masks import MasksOptions, masks
from trashdata.prove import ProveOptions, exporting, prove
from trashdata.sample import SampleOptions, sample

ARMS = ("plain", "copy-paste")
PATCH = ("Battery", "Clothing")
ARMS_FILE = """
[arm.repeats.oversample]
repeat-factor = "auto"

[arm.both]
share = 0.25
[arm.both.oversample]
num = 4
[arm.both.copy-paste]
num = 5

[arm.third]
share = 0.25
[arm.third.copy-paste]

[arm."new / only"]
share = 1
[arm."new / only".copy-paste]

[arm.labelled.pseudo]
json = "test.json"

[arm.drawn.train]
sampler = "rare"
"""


def exported(data: Path, folder: Path, **options: Any) -> Path:
    usual: dict[str, Any] = {"val": "val.json", "arm": ARMS, "patch": PATCH, "seeds": 2}
    prove(data, ProveOptions(**{**usual, **options}, export=folder))
    return folder


@pytest.fixture(scope="module")
def sample_set(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sample set with more than ten validation photos: of fewer, nothing is said."""
    folder = tmp_path_factory.mktemp("sample") / "data"
    sample(folder, SampleOptions(images=80, size=96))
    return folder


@pytest.fixture(scope="module")
def once(sample_set: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two arms, two seeds; to be read only."""
    return exported(sample_set, tmp_path_factory.mktemp("export") / "export")


@pytest.fixture
def export(once: Path, tmp_path: Path) -> Path:
    """A copy of it, to put predictions into."""
    return Path(shutil.copytree(once, tmp_path / "export", symlinks=True))


def cells_of(export: Path) -> list[dict[str, Any]]:
    cells: list[dict[str, Any]] = load(export / "list.json")["cells"]
    return cells


def contents(export: Path) -> dict[str, str]:
    """What was written, without the photos behind links."""
    images = export / "images"
    links = {entry.name for entry in images.iterdir() if entry.is_symlink()}
    return {
        name: digest
        for name, digest in tree(export).items()
        if not (name.startswith("images/") and name.split("/")[1] in links)
    }


# --- export ---


def test_what_is_exported(once: Path, sample_set: Path) -> None:
    assert {path.name for path in once.iterdir()} == {
        *(".lock", "README.txt", "comparison.json", "list.json", "made"),
        *("images", "predictions", "train", "val"),
    }
    cells = cells_of(once)
    assert [(c["arm"], c["fold"], c["seed"]) for c in cells] == [
        *(("plain", 0, 1), ("copy-paste", 0, 1), ("plain", 0, 2), ("copy-paste", 0, 2))
    ]
    train = load(sample_set / "train.json")
    for cell in cells:
        assert (once / cell["val"]).read_bytes() == (sample_set / "val.json").read_bytes()
        assert cell["predictions_json"] == cell["predictions_folder"] + ".json"
        content = load(once / cell["train"])
        assert len(content["images"]) == cell["real"] + cell["new"]
        assert cell["real"] == len(train["images"])
    assert {(c["arm"], c["new"]) for c in cells} == {("plain", 0), ("copy-paste", cells[0]["real"])}
    assert cells[0]["train"] == cells[2]["train"]
    assert (once / cells[0]["train"]).read_bytes() == (sample_set / "train.json").read_bytes()
    one, other = (load(once / cells[k]["train"]) for k in (1, 3))
    assert new_images(one) != new_images(other)


def test_training_data_is_sound_and_holds_no_validation_photo(once: Path, sample_set: Path) -> None:
    train, val = (load(sample_set / name) for name in ("train.json", "val.json"))
    held_out = {image["file_name"] for image in val["images"]}
    of_val = {hashlib.sha256((sample_set / name).read_bytes()).hexdigest() for name in held_out}
    for cell in cells_of(once):
        content = load(once / cell["train"])
        check_ids(content)
        assert not held_out & {image["file_name"] for image in content["images"]}
        made = new_images(content)
        assert len(made) == cell["new"]
        sources = [one for image in made for one in image["trashdata"]["made_of"]]
        assert not held_out & {one["file_name"] for one in sources}
        assert not of_val & {one["sha256"] for one in sources}
        for image in content["images"]:
            photo = cv2.imread(str(once / cell["images"] / image["file_name"]))
            assert photo is not None
            assert photo.shape == (image["height"], image["width"], 3)
        # The annotations of the user are there as they were, once.
        real = {image["id"] for image in train["images"]}
        old = [a for a in content["annotations"] if a["image_id"] in real]
        assert sorted(map(str, old)) == sorted(map(str, train["annotations"]))
        names = {category["id"]: category["name"] for category in content["categories"]}
        assert {names[a["category_id"]] for a in pasted(content)} == (
            set(PATCH) if cell["new"] else set()
        )


def test_photos_of_the_user_are_links(once: Path, sample_set: Path) -> None:
    folders = {
        image["file_name"].split("/")[0] for image in load(sample_set / "train.json")["images"]
    }
    folders |= {
        image["file_name"].split("/")[0] for image in load(sample_set / "val.json")["images"]
    }
    links = {entry for entry in (once / "images").iterdir() if entry.is_symlink()}
    assert {link.name for link in links} == folders
    assert all(link.resolve() == (sample_set / link.name).resolve() for link in links)


def test_the_same_bytes_again_and_whatever_the_folder(
    once: Path, sample_set: Path, tmp_path: Path
) -> None:
    moved = Path(shutil.copytree(sample_set, tmp_path / "moved"))
    other = exported(moved, tmp_path / "another name")
    assert contents(other) == contents(once)
    assert not [
        name for name in contents(other) if str(tmp_path) in (other / name).read_text("latin1")
    ]


def test_every_kind_of_arm(data: Path, tmp_path: Path) -> None:
    (tmp_path / "arms.toml").write_text(ARMS_FILE)
    notes = Notes()
    options = ProveOptions(
        val="val.json", arms=tmp_path / "arms.toml", patch=PATCH, seeds=2, export=tmp_path / "e"
    )
    outcome = prove(data, options, reporter=notes)
    listed = load(tmp_path / "e" / "list.json")
    assert (
        set(listed["left_out"])
        == {"sampling", "labelled", "drawn"}
        == set(outcome.figures["left_out"])
    )
    assert "sampler can't be written as data" in listed["left_out"]["sampling"]
    assert "model that is trained" in listed["left_out"]["labelled"]
    assert any("Arm sampling is left out: sampler" in note for note in notes.notes)
    train = load(data / "train.json")
    real = len(train["images"])
    found = {cell["arm"]: cell for cell in listed["cells"] if cell["seed"] == 1}
    assert {arm: (cell["real"] - real, cell["new"]) for arm, cell in found.items()} == {
        "plain": (0, 0),
        "background-only": (0, real),
        "copy-paste": (0, real),
        "repeats": (found["repeats"]["real"] - real, 0),
        "both": (0, 9),
        "third": (0, round(real / 3)),
        "new / only": (-real, real),
    }
    contents = {arm: load(tmp_path / "e" / cell["train"]) for arm, cell in found.items()}
    for arm, content in contents.items():
        check_ids(content)
        assert len(content["images"]) == found[arm]["real"] + found[arm]["new"]
        ids = {image["id"] for image in content["images"]}
        assert {a["image_id"] for a in content["annotations"]} <= ids
        for image in content["images"]:
            assert (tmp_path / "e" / "images" / image["file_name"]).is_file()
    assert not pasted(contents["background-only"])
    repeats = [i for i in contents["repeats"]["images"] if "repeat_of" in i.get("trashdata", {})]
    assert len(repeats) == found["repeats"]["real"] - real > 0
    both = Counter(image["file_name"].split("/")[0] for image in new_images(contents["both"]))
    assert both == {"both_fold_0_seed_1_oversample": 4, "both_fold_0_seed_1": 5}
    # Renumbered annotations are on the photos that they were made for: boxes are within them.
    sizes = {i["id"]: (i["width"], i["height"]) for i in contents["both"]["images"]}
    for a in contents["both"]["annotations"]:
        x, y, width, height = a["bbox"]
        assert x + width <= sizes[a["image_id"]][0]
        assert y + height <= sizes[a["image_id"]][1]
    of_oversampling = [
        a for a in pasted(contents["both"]) if _folder(contents["both"], a).endswith("e")
    ]
    assert len(of_oversampling) == 4


def _folder(content: dict[str, Any], annotation: dict[str, Any]) -> str:
    image = next(i for i in content["images"] if i["id"] == annotation["image_id"])
    folder: str = image["file_name"].split("/")[0]
    return folder


def test_folds(data: Path, tmp_path: Path) -> None:
    exported(data, tmp_path / "e", val=None, folds=2, patch=("Plastic bag",))
    cells = cells_of(tmp_path / "e")
    assert {(c["arm"], c["fold"], c["seed"]) for c in cells} == {
        (arm, fold, seed) for arm in ARMS for fold in (0, 1) for seed in (1, 2)
    }
    everything = {image["file_name"] for image in load(data / "train_all.json")["images"]}
    for cell in cells:
        train, val = (load(tmp_path / "e" / cell[part]) for part in ("train", "val"))
        real = {i["file_name"] for i in train["images"]} - {
            i["file_name"] for i in new_images(train)
        }
        held_out = {i["file_name"] for i in val["images"]}
        assert real | held_out == everything
        assert not real & held_out
        sources = {s["file_name"] for i in new_images(train) for s in i["trashdata"]["made_of"]}
        assert not sources & held_out


def test_an_arm_that_can_t_be_made_is_told_before_anything_is_written(
    data: Path, tmp_path: Path
) -> None:
    rare = "Battery"
    content = load(data / "train.json")
    (rare_id,) = (c["id"] for c in content["categories"] if c["name"] == rare)
    content["annotations"] = [a for a in content["annotations"] if a["category_id"] != rare_id]
    (data / "train.json").write_text(json.dumps(content))
    told = f"^arm copy-paste: --patch '{rare}': expected an object"
    refused(data, tmp_path / "e", told, patch=(rare,))
    assert not (tmp_path / "e").exists()


def test_dry_run_writes_nothing(data: Path, tmp_path: Path) -> None:
    options = ProveOptions(val="val.json", arm=ARMS, patch=PATCH, export=tmp_path / "e")
    outcome = prove(data, options, dry_run=True)
    assert not (tmp_path / "e").exists()
    assert (outcome.counts["trainings"], outcome.counts["missing"]) == (10, 5)


# --- going on ---


def _interrupted(export: Callable[[], object], module: Any, name: str, call: int) -> None:
    """Ctrl-C at a call of a function."""
    calls = 0
    function = getattr(module, name)

    def interrupted(*arguments: Any, **options: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == call:
            raise KeyboardInterrupt
        return function(*arguments, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, name, interrupted)
        with pytest.raises(KeyboardInterrupt):
            export()


@pytest.mark.parametrize(
    ("module", "name", "call"),
    [
        ("exporting", "make", 2),
        ("arm_data", "write_json", 2),
        *(
            pytest.param(*moment, marks=pytest.mark.slow)
            for moment in (
                ("exporting", "make", 1),
                ("arm_data", "make_files", 2),
                ("arm_data", "write_joined", 2),
                ("exporting", "write_json", 1),
                ("exporting", "write_json", 2),
            )
        ),
    ],
)
def test_it_goes_on(
    once: Path, sample_set: Path, tmp_path: Path, module: str, name: str, call: int
) -> None:
    from trashdata.prove import arm_data

    place = {"exporting": exporting, "arm_data": arm_data}[module]
    folder = tmp_path / "e"
    _interrupted(lambda: exported(sample_set, folder), place, name, call)
    first = folder / "train" / "copy-paste_fold_0_seed_1.json"
    done = (folder / "made" / first.name).exists()
    before = first.stat().st_mtime_ns if done else 0
    exported(sample_set, folder)
    assert contents(folder) == contents(once)
    if done:
        assert first.stat().st_mtime_ns == before


@pytest.mark.slow
@pytest.mark.parametrize("name", [".work.gone", ".*.gone"])
def test_it_goes_on_after_half_a_deletion(data: Path, tmp_path: Path, name: str) -> None:
    folder, usual = tmp_path / "e", {"val": None, "folds": 2, "patch": ("Plastic bag",)}
    delete = shutil.rmtree

    def half(path: Path, **options: Any) -> None:
        if path.match(name) and path.exists():
            max(one for one in path.rglob("*") if one.is_file()).unlink()
            raise KeyboardInterrupt
        delete(path, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(shutil, "rmtree", half)
        with pytest.raises(KeyboardInterrupt):
            exported(data, folder, **usual)
    exported(data, folder, **usual)
    exported(data, tmp_path / "undisturbed", **usual)
    assert contents(folder) == contents(tmp_path / "undisturbed")


def test_more_seeds_and_arms_are_added(export: Path, sample_set: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in (export / "images").rglob("*.jpg")}
    exported(sample_set, export, seeds=3, arm=(*ARMS, "background-only"))
    cells = cells_of(export)
    assert len(cells) == 9
    assert all((export / cell["train"]).is_file() for cell in cells)
    assert {path: path.stat().st_mtime_ns for path in before} == before


def test_what_was_deleted_is_made_again(export: Path, once: Path, sample_set: Path) -> None:
    (export / "train" / "copy-paste_fold_0_seed_2.json").unlink()
    (export / "list.json").unlink()
    exported(sample_set, export)
    assert contents(export) == contents(once)


def refused(data: Path, export: Path, words: str, **options: Any) -> None:
    with pytest.raises(UserError, match=words):
        exported(data, export, **options)


def test_data_of_other_options_is_refused(export: Path, data: Path) -> None:
    before = tree(export)
    refused(data, export, "seed_1.json: expected data of these files", patch=("Battery",))
    rewrite(data / "val.json", lambda content: content["annotations"].pop())
    refused(data, export, "fold_0.json: expected data of these files, photos, options")
    assert tree(export) == before


def test_another_folder_is_refused(data: Path, tmp_path: Path) -> None:
    other = tmp_path / "project"
    other.mkdir()
    (other / "README.txt").write_text("My project\n")
    refused(data, other, "that 'trashdata prove --export' made, found one that holds README.txt")
    assert [path.name for path in other.iterdir()] == ["README.txt"]


# --- what can't be exported ---


def test_donors_from_validation_are_refused_by_the_arm(data: Path, tmp_path: Path) -> None:
    arms = tmp_path / "arms.toml"
    arms.write_text('[arm.leaky.copy-paste]\ndonors = "val.json"\n')
    refused(data, tmp_path / "e", r"^arm leaky: val\.json: ", arm=("leaky",), arms=arms)
    assert not (tmp_path / "e").exists()
    # Also as copies of the photos, under other names and ids.
    content = load(data / "val.json")
    for number, image in enumerate(content["images"]):
        name = f"copies/{number}.jpg"
        (data / "copies").mkdir(exist_ok=True)
        shutil.copyfile(data / image["file_name"], data / name)
        image["file_name"] = name
    (data / "other.json").write_text(json.dumps(content))
    arms.write_text('[arm.leaky.copy-paste]\ndonors = "other.json"\nnum = 3\n')
    refused(
        data, tmp_path / "e", r"^arm leaky: other\.json: .* is a copy of", arm=("leaky",), arms=arms
    )


def test_donors_that_look_like_validation_are_refused(data: Path, tmp_path: Path) -> None:
    content = load(data / "val.json")
    (data / "alike").mkdir()
    for number, image in enumerate(content["images"]):
        name = f"alike/{number}.jpg"
        photo = cv2.imread(str(data / image["file_name"]))
        assert photo is not None
        cv2.imwrite(str(data / name), photo, [cv2.IMWRITE_JPEG_QUALITY, 70])
        image["file_name"] = name
    (data / "alike.json").write_text(json.dumps(content))
    options: dict[str, Any] = {"arm": ("leaky",), "arms": tmp_path / "arms.toml"}
    options["arms"].write_text('[arm.leaky.copy-paste]\ndonors = "alike.json"\n')
    told = r"^arm leaky: alike\.json: .* looks like .*pass --allow-look-alikes"
    refused(data, tmp_path / "e", told, patch=("Plastic bag",), **options)
    exported(data, tmp_path / "e", patch=("Plastic bag",), allow_look_alikes=True, **options)


def test_a_training_part_with_a_validation_photo_is_refused(data: Path, tmp_path: Path) -> None:
    refused(data, tmp_path / "e", "^arm plain: train_all.json: ", json="train_all.json")


def test_donors_of_another_file(data: Path, tmp_path: Path) -> None:
    donors = load(data / "train.json")
    (data / "elsewhere").mkdir()
    for image in donors["images"]:
        (data / "elsewhere" / image["file_name"]).parent.mkdir(exist_ok=True)
        shutil.copyfile(data / image["file_name"], data / "elsewhere" / image["file_name"])
        image["file_name"] = f"elsewhere/{image['file_name']}"
    (data / "donors.json").write_text(json.dumps(donors))
    arms = tmp_path / "arms.toml"
    arms.write_text('[arm.others.copy-paste]\ndonors = "donors.json"\n')
    exported(data, tmp_path / "e", arm=("others",), arms=arms)
    content = load(tmp_path / "e" / cells_of(tmp_path / "e")[1]["train"])
    assert {a["trashdata"]["donor_json"] for a in pasted(content)} == {"donors.json"}
    assert str(tmp_path) not in (tmp_path / "e" / "comparison.json").read_text()


def test_no_arm_is_left(data: Path, tmp_path: Path) -> None:
    refused(data, tmp_path / "e", "--arm: expected an arm beside plain", arm=("sampling",))
    refused(data, tmp_path / "e", "--against sampling: .*sampler", against="sampling")


def test_a_name_that_new_photos_need(data: Path, tmp_path: Path) -> None:
    name = "Copy-Paste_fold_0_seed_1"
    first = load(data / "train.json")["images"][0]["file_name"].split("/")[0]
    (data / first).rename(data / name)
    for file in ("train.json", "val.json"):
        text = (data / file).read_text().replace(f'"{first}/', f'"{name}/')
        (data / file).write_text(text)
    refused(data, tmp_path / "e", f"--images: {name}: expected no photos under a name")


@pytest.mark.parametrize(
    "options",
    [
        {"export": Path("e"), "score": Path("e")},
        {"export": Path("e"), "steps": (400,)},
        {"score": Path("e"), "budget": "2h"},
        {"score": Path("e"), "seeds": 3},
        {"score": Path("e"), "val": "val.json"},
    ],
)
def test_options_that_don_t_go_together(options: dict[str, Any]) -> None:
    with pytest.raises(UserError, match=r"--export|--score"):
        ProveOptions(**options)


# --- predictions ---

Labels = NDArray[np.uint8]


@pytest.fixture(scope="module")
def truth(sample_set: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Label PNGs of the validation photos."""
    data = Path(shutil.copytree(sample_set, tmp_path_factory.mktemp("truth") / "data"))
    masks(data, MasksOptions(json="val.json", out="masks"))
    return data / "masks"


def label_files(truth: Path) -> list[str]:
    return sorted(str(path.relative_to(truth)) for path in truth.rglob("*.png"))


def read(folder: Path, name: str) -> Labels:
    labels: Labels = np.array(Image.open(folder / name))
    return labels


def worse(labels: Labels, seed: int) -> Labels:
    """Labels with the left half, and some columns more, as background."""
    changed = labels.copy()
    changed[:, : labels.shape[1] // 2 + seed] = 0
    return changed


def write_labels(truth: Path, folder: Path, change: Callable[[Labels], Labels]) -> None:
    for name in label_files(truth):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(change(read(truth, name))).save(folder / name)


def results_of(val: dict[str, Any]) -> list[dict[str, Any]]:
    """The truth as COCO results: smaller objects are surer, since they are painted on top."""
    return [
        {
            "image_id": a["image_id"],
            "category_id": a["category_id"],
            "segmentation": a["segmentation"],
            "score": 1 / (1 + a["area"]),
        }
        for a in val["annotations"]
    ]


def predict(export: Path, truth: Path) -> None:
    """The truth for one arm, in two forms; label PNGs without half of it for the other."""
    plain_1, pasted_1, plain_2, pasted_2 = cells_of(export)
    for cell, seed in ((plain_1, 1), (plain_2, 2)):
        folder = export / cell["predictions_folder"]
        write_labels(truth, folder, lambda labels, seed=seed: worse(labels, seed))
    val = load(export / pasted_1["val"])
    (export / pasted_1["predictions_json"]).write_text(json.dumps(results_of(val)))
    shutil.copyfile(export / pasted_2["val"], export / pasted_2["predictions_json"])


@pytest.fixture
def predicted(export: Path, truth: Path) -> Path:
    predict(export, truth)
    return export


def iou_by_hand(
    truth: Path, change: Callable[[Labels], Labels], classes: int
) -> list[float | None]:
    """The IoU of each channel over all photos; None without a true pixel."""
    pairs = [(read(truth, name), change(read(truth, name))) for name in label_files(truth)]
    true = np.concatenate([one.ravel() for one, _ in pairs])
    found = np.concatenate([other.ravel() for _, other in pairs])
    found, true = found[true != 255], true[true != 255]
    scores: list[float | None] = []
    for k in range(classes + 1):
        both, either = ((true == k) & (found == k)).sum(), ((true == k) | (found == k)).sum()
        scores.append(float(both / either) if (true == k).any() else None)
    return scores


def score(export: Path, out: Path, **options: Any) -> dict[str, Any]:
    prove(options=ProveOptions(score=export, out=out), **options)
    return load(out / "prove.json")


def test_scores_and_verdicts(predicted: Path, truth: Path, tmp_path: Path) -> None:
    found = score(predicted, tmp_path / "prove")
    names = ["background", *(c["name"] for c in load(predicted / "list.json")["classes"])]
    expected = [iou_by_hand(truth, lambda m, seed=seed: worse(m, seed), 10) for seed in (1, 2)]
    scored = found["scores"]["0"]
    assert scored["plain"]["seeds"] == [1, 2]
    means = []
    for row, numbers in zip(scored["plain"]["iou"], expected, strict=True):
        assert [row["classes"][name] for name in names] == pytest.approx(numbers, nan_ok=True)
        means.append(float(np.mean([number for number in numbers if number is not None])))
        assert row["mean"] == pytest.approx(means[-1])
    for row in scored["copy-paste"]["iou"]:
        assert all(row["classes"][name] in (1, None) for name in names)
    (finding,) = found["findings"]
    assert (finding["arm"], finding["against"]) == ("copy-paste", ["plain"])
    assert (finding["steps"], finding["seeds"], finding["look"]) == (0, 2, 1)
    assert finding["photos"] == len(label_files(truth))
    mean = finding["rows"][0]
    assert mean["mean"] == pytest.approx(1 - np.mean(means))
    assert mean["verdict"] == "helps"
    assert {row["name"] for row in finding["rows"] if row["family"] == "patch"} == set(PATCH)
    assert (tmp_path / "prove" / "prove.png").read_bytes().startswith(b"\x89PNG")


def test_neither_photos_nor_training_data_are_needed(
    predicted: Path, tmp_path: Path, run_cli: RunCli
) -> None:
    shutil.rmtree(predicted / "images")
    for path in (predicted / "train").glob("copy-paste*"):
        path.unlink()
    done = run_cli("prove", "--score", "export")
    assert done.returncode == 0, done.stderr
    assert "copy-paste against plain: trained elsewhere, 2 seeds" in done.stderr + done.stdout
    assert "copy-paste is better than plain. Its data is export/train/" in done.stderr
    assert sorted(path.name for path in (tmp_path / "prove").iterdir()) == [
        *(".lock", "README.txt", "looks.json", "prove.json", "prove.png", "runs")
    ]


def test_the_folder_that_predict_writes(predicted: Path, tmp_path: Path) -> None:
    cell = cells_of(predicted)[1]
    before = score(predicted, tmp_path / "prove")["scores"]
    (predicted / cell["predictions_folder"]).mkdir()
    gathered = predicted / cell["predictions_folder"] / "predictions.json"
    (predicted / cell["predictions_json"]).rename(gathered)
    assert score(predicted, tmp_path / "again")["scores"] == before


def test_photos_under_another_root(data: Path, tmp_path: Path) -> None:
    (data / "photos").mkdir()
    for entry in [entry for entry in data.iterdir() if entry.name.startswith("batch")]:
        entry.rename(data / "photos" / entry.name)
    options = ProveOptions(val="val.json", arm=ARMS, patch=PATCH, export=tmp_path / "e", seeds=2)
    prove(data, options, images=data / "photos")
    for cell in cells_of(tmp_path / "e"):
        for image in load(tmp_path / "e" / cell["train"])["images"]:
            assert (tmp_path / "e" / cell["images"] / image["file_name"]).is_file()


def test_dry_run_checks_and_writes_nothing(predicted: Path, tmp_path: Path) -> None:
    outcome = prove(options=ProveOptions(score=predicted, out=tmp_path / "prove"), dry_run=True)
    assert outcome.counts["predictions"] == 4
    assert not (tmp_path / "prove").exists()


def test_what_was_counted_is_kept_and_other_predictions_are_another_look(
    predicted: Path, truth: Path, tmp_path: Path
) -> None:
    out = tmp_path / "prove"
    options = ProveOptions(score=predicted, out=out)
    # Both forms of the truth have the same pixels, but are other predictions.
    assert prove(options=options).counts == {"predictions": 4, "counted": 4}
    before = (out / "prove.json").read_bytes()
    assert prove(options=options).counts == {"predictions": 4, "counted": 0}
    assert (out / "prove.json").read_bytes() == before
    folder = predicted / cells_of(predicted)[0]["predictions_folder"]
    write_labels(truth, folder, lambda labels: worse(labels, 3))
    outcome = prove(options=options)
    assert outcome.counts == {"predictions": 4, "counted": 1}
    assert [finding["look"] for finding in outcome.figures["findings"]] == [2]


def test_the_same_predictions_for_two_seeds(predicted: Path, tmp_path: Path) -> None:
    one, other = (cells_of(predicted)[k]["predictions_folder"] for k in (0, 2))
    shutil.rmtree(predicted / other)
    shutil.copytree(predicted / one, predicted / other)
    outcome = prove(options=ProveOptions(score=predicted, out=tmp_path / "prove"))
    assert "Arm plain, fold 0: seeds 1 and 2 have the same predictions" in outcome.warnings[0]


def test_folds_are_stacked(data: Path, tmp_path: Path) -> None:
    folder = exported(data, tmp_path / "e", val=None, folds=2, patch=("Plastic bag",))
    for cell in cells_of(folder):
        val = load(folder / cell["val"])
        # Without objects nothing is found but background.
        found = results_of(val) if cell["arm"] == "copy-paste" else []
        (folder / cell["predictions_json"]).write_text(json.dumps(found))
    found = score(folder, tmp_path / "prove")
    (finding,) = found["findings"]
    assert finding["photos"] == len(load(data / "train_all.json")["images"])
    document = read_document(data / "train_all.json")
    held = {
        c.name for c, n in zip(document.class_categories, document.class_counts(), strict=True) if n
    }
    rows = {row["name"]: row["mean"] for row in finding["rows"]}
    assert {name for name, mean in rows.items() if mean == 1} == held


# --- faults of predictions ---


def test_missing_predictions(predicted: Path, tmp_path: Path) -> None:
    first, _, third, _ = cells_of(predicted)
    shutil.rmtree(predicted / first["predictions_folder"])
    shutil.rmtree(predicted / third["predictions_folder"])
    with pytest.raises(UserError) as caught:
        score(predicted, tmp_path / "prove")
    words = str(caught.value)
    assert words.startswith(
        f"arm plain, fold 0, seed 1: {predicted}/predictions/plain_fold_0_seed_1"
    )
    assert "found neither, as for 1 more of 4" in words
    assert not (tmp_path / "prove").exists()


def _label(path: Path, labels: Labels) -> None:
    Image.fromarray(labels).save(path)


def _other_photo(content: dict[str, Any]) -> None:
    content["images"][0]["file_name"] = "else.jpg"


# What is done to a label PNG, and what is told.
LABEL_FAULTS: dict[str, tuple[Callable[[Path], object], str]] = {
    "missing": (Path.unlink, "expected the prediction for image"),
    "size": (lambda path: _label(path, np.zeros((10, 12), np.uint8)), "96 x 96 .*found 12 x 10"),
    "class": (
        lambda path: _label(path, np.full((96, 96), 11, np.uint8)),
        "expected class indices up to 10.*found index 11",
    ),
    "no PNG": (lambda path: path.write_bytes(b"GIF"), "expected"),
}
# The same for a JSON of COCO results.
JSON_FAULTS: dict[str, tuple[Callable[[Path], object], str]] = {
    "category": (
        lambda path: rewrite(path, lambda results: results[0].update(category_id=99)),
        "annotation 1: .*category_ids.*found 99",
    ),
    "photo": (
        lambda path: rewrite(path, lambda results: results[0].update(image_id=10**6)),
        "annotation 1: .*image_ids.*found 1000000",
    ),
    "no segmentation": (
        lambda path: rewrite(path, lambda results: results[0].update(segmentation=[[1, 2]])),
        "annotation 1: ",
    ),
    "cut off": (lambda path: path.write_text("[{"), "expected COCO results"),
    "empty": (lambda path: path.write_text(""), "expected"),
    "both": (lambda path: path.with_suffix("").mkdir(), "expected one of the two, found both"),
}


@pytest.mark.parametrize("name", LABEL_FAULTS)
def test_faults_of_label_pngs(predicted: Path, tmp_path: Path, name: str) -> None:
    folder = predicted / cells_of(predicted)[0]["predictions_folder"]
    photo = max(folder.rglob("*.png"))
    damage, told = LABEL_FAULTS[name]
    damage(photo)
    where = f"^arm plain, fold 0, seed 1: .*{photo.name}"
    with pytest.raises(UserError, match=f"{where}.*{told}"):
        score(predicted, tmp_path / "prove")
    assert not (tmp_path / "prove" / "prove.json").exists()


@pytest.mark.parametrize("name", JSON_FAULTS)
def test_faults_of_coco_results(predicted: Path, tmp_path: Path, name: str) -> None:
    file = predicted / cells_of(predicted)[1]["predictions_json"]
    damage, told = JSON_FAULTS[name]
    damage(file)
    where = f"^arm copy-paste, fold 0, seed 1: .*{file.name}"
    with pytest.raises(UserError, match=f"{where}.*{told}"):
        score(predicted, tmp_path / "prove")


def test_a_coco_file_of_other_photos(predicted: Path, tmp_path: Path) -> None:
    file = predicted / cells_of(predicted)[3]["predictions_json"]
    rewrite(file, _other_photo)
    where = f"^arm copy-paste, fold 0, seed 2: {file.name}: expected .* found no such photo"
    with pytest.raises(UserError, match=where):
        score(predicted, tmp_path / "prove")


def test_no_folder_of_an_export(data: Path, export: Path, tmp_path: Path) -> None:
    for folder, told in ((data, "another folder"), (tmp_path / "none", "no folder")):
        with pytest.raises(UserError, match=f"--score .* found {told} of that name"):
            score(folder, tmp_path / "prove")
    (export / "list.json").unlink()
    with pytest.raises(UserError, match="expected an export that came to its end, found no list"):
        score(export, tmp_path / "prove")


def test_a_damaged_or_shortened_list(predicted: Path, tmp_path: Path) -> None:
    kept = (predicted / "list.json").read_text()
    rewrite(predicted / "list.json", lambda content: content["cells"].pop())
    with pytest.raises(UserError, match=r"list\.json: expected each of 2 arms.* found 3 cells"):
        score(predicted, tmp_path / "prove")
    (predicted / "list.json").write_text(kept[:-20])
    with pytest.raises(UserError, match=r"list\.json: expected the file as"):
        score(predicted, tmp_path / "prove")


def test_a_changed_validation_file(predicted: Path, tmp_path: Path) -> None:
    rewrite(predicted / "val" / "fold_0.json", _other_photo)
    with pytest.raises(UserError, match="expected validation files as they were exported"):
        score(predicted, tmp_path / "prove")


def test_the_export_is_no_folder_of_a_comparison(predicted: Path) -> None:
    with pytest.raises(UserError, match=r"--out .*: expected an empty folder, or one that"):
        score(predicted, predicted)
