"""Fresh pastes, shares, samplers and presets: from options to a run."""

from __future__ import annotations

import hashlib
import json
import shutil
import tomllib
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from conftest import ROOT
from helpers import training
from helpers.coco import load
from helpers.processes import RunCli
from helpers.reporters import Notes
from trashdata.copy_paste import CopyPasteOptions, NothingFitsError, PasteDataset, copy_paste
from trashdata.train import TrainOptions, train
from trashdata.train.data.draws import Draw
from trashdata.train.data.loading import data_of
from trashdata.train.inputs import Inputs, read_inputs
from trashdata.train.pastes import Pastes, as_plain, from_plain, paste_options
from trashdata.train.presets import PRESETS, settled

from trashdata.console import Reporter
from trashdata.errors import UserError
from trashdata.inference.threads import usable_cores
from trashdata.options.limits import flag
from trashdata.paths import DataFolders

TINY = {**training.TINY, "epochs": 1, "augment": "none"}
SQUARE = [20, 20, 40, 20, 40, 40, 20, 40]
FLAGS = [f"--{name.replace('_', '-')}={value}" for name, value in TINY.items()]


def read(data: Path, reporter: Reporter | None = None, **changes: Any) -> Inputs:
    options = TrainOptions(**{**TINY, **changes})
    pasting = paste_options(options)
    return read_inputs(DataFolders.of(data), options, reporter or Reporter(), pasting=pasting)


def toml(folder: Path, text: str) -> Path:
    path = folder / "some.toml"
    path.write_text(text, encoding="utf-8")
    return path


# --- pastes ---------------------------------------------------------------------------------


def test_a_pasted_draw_shows_the_photo_that_copy_paste_makes(data: Path) -> None:
    found = data_of(read(data, paste=0.5, paste_patch=("Battery",)))
    options = CopyPasteOptions(patch=("Battery",), size=64)
    wanted = PasteDataset(data, options)[5]
    shown = found.train[Draw(5, 0, pasted=True)]
    assert not isinstance(shown, UserError)
    photo, labels, index = shown
    assert index == -1
    height, width = wanted.labels.shape
    assert np.array_equal(photo[:height, :width], wanted.photo)
    assert np.array_equal(labels[:height, :width], wanted.labels)


def test_in_windows_pastes_have_the_size_of_their_photo(data: Path) -> None:
    inputs = read(data, paste=1.0, mode="windows")
    assert inputs.pastes is not None
    assert inputs.pastes.dataset.options.size is None
    sizes = {(image["width"], image["height"]) for image in load(data / "train.json")["images"]}
    height, width = inputs.pastes.item(0)[1].shape
    assert (width, height) in sizes


def test_batches_with_pastes_do_not_depend_on_workers(data: Path) -> None:
    def batches(workers: int) -> list[Any]:
        inputs = read(data, paste=0.5, sampler="rare", workers=workers)
        loader = data_of(inputs).train_dataloader()
        return [part for batch in loader for part in batch]

    alone, others = batches(0), batches(2)
    assert len(alone) == len(others) > 3
    assert all((one == other).all() for one, other in zip(alone, others, strict=True))


def test_a_run_with_pastes_says_what_it_pasted_and_can_be_repeated(
    data: Path, run_cli: RunCli, tmp_path: Path
) -> None:
    table = toml(tmp_path, '[copy-paste]\nmax-objects = 2\nblend = "none"\nworkers = 3\n')
    done = run_cli("train", "--data", data, *FLAGS, "--paste=0.5", "--paste-patch=Battery",
                   "--config", table)  # fmt: skip
    assert done.returncode == 0, done.stderr
    config = tmp_path / "runs" / "exp" / "config.toml"
    tables = tomllib.loads(config.read_text(encoding="utf-8"))
    assert tables["train"]["paste"] == 0.5
    assert tables["copy-paste"]["blend"] == "none"
    assert tables["copy-paste"]["patch"] == ["Battery"]
    assert load(config.with_name("run.json"))["pasting"] == {
        name.replace("-", "_"): value for name, value in tables["copy-paste"].items()
    }
    again = run_cli("train", "--data", data, "--config", config, "--dry-run")
    assert again.returncode == 0, again.stderr


@pytest.mark.slow
def test_a_resumed_run_pastes_as_it_began(data: Path) -> None:
    wanted = CopyPasteOptions(patch=("Battery",), blend="none", seed=7)
    runs = data.parent / "runs"
    options = TrainOptions(**TINY, paste=0.5)
    train(data, options, pasting=wanted, runs=runs)
    (runs / "exp" / "results.json").unlink()
    found = from_plain(load(runs / "exp" / "run.json")["pasting"])
    assert found is not None
    assert (found.patch, found.blend, found.seed) == (("Battery",), "none", 7)
    assert as_plain(found) == load(runs / "exp" / "run.json")["pasting"]


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        ("num = 9", "no --num with --paste"),
        ('target = ["Battery=9"]', "no --target with --paste"),
        ("balance = 0.5", "no --balance with --paste"),
        ("max-reuse = 3", "no --max-reuse with --paste"),
        ("rotat = 3", "did you mean 'rotate'"),
        ("rotate = 'much'", "a number"),
        ('preset = "naturl"', "natural"),
    ],
)
def test_what_a_table_of_pastes_may_not_say(table: str, expected: str, tmp_path: Path) -> None:
    options = TrainOptions(paste=0.5)
    with pytest.raises(UserError, match=expected):
        paste_options(options, toml(tmp_path, f"[copy-paste]\n{table}\n"))


def test_paste_presets(tmp_path: Path) -> None:
    named = paste_options(TrainOptions(paste=0.5, paste_preset="natural", seed=3))
    assert named is not None
    assert (named.lsj_min, named.small_to_large, named.seed) == (0.8, False, 3)
    file = toml(tmp_path, '[copy-paste]\npreset = "natural"\nlsj-min = 0.9\nplace = "row"\n')
    read_file = paste_options(
        TrainOptions(paste=0.5, paste_preset=str(file), paste_place="anywhere"), Path("other.toml")
    )
    assert read_file is not None
    assert (read_file.lsj_min, read_file.lsj_max, read_file.place) == (0.9, 1.25, "anywhere")
    with pytest.raises(UserError, match="did you mean 'natural'"):
        paste_options(TrainOptions(paste=0.5, paste_preset="naturel"))
    with pytest.raises(UserError, match="no file"):
        paste_options(TrainOptions(paste=0.5, paste_preset="none.toml"))
    assert paste_options(TrainOptions()) is None


@pytest.mark.parametrize("option", ["paste_preset", "paste_patch", "paste_place"])
def test_options_of_pastes_without_pastes(option: str) -> None:
    value: Any = ("Battery",) if option == "paste_patch" else "natural"
    with pytest.raises(UserError, match="--paste SHARE"):
        TrainOptions(**{option: value})


def test_pastes_of_a_file_with_other_classes_are_refused(data: Path) -> None:
    content = load(data / "train.json")
    content["categories"][0]["name"] = "Other"
    (data / "other.json").write_text(json.dumps(content), encoding="utf-8")
    options = TrainOptions(**TINY, paste=0.5)
    pasting = CopyPasteOptions(json="other.json")
    with pytest.raises(UserError, match=r"other\.json: .*classes of val\.json"):
        read_inputs(DataFolders.of(data), options, Reporter(), pasting=pasting)


def test_donors_that_are_photos_of_validation_are_refused(data: Path) -> None:
    pool = data.parent / "pool"
    pool.mkdir()
    content = load(data / "val.json")
    for number, image in enumerate(content["images"]):
        shutil.copy(data / image["file_name"], pool / f"{number}.jpg")
        image["file_name"] = f"{number}.jpg"
    (data / "pool.json").write_text(json.dumps(content), encoding="utf-8")
    pasting = CopyPasteOptions(patch=("Paper",), donors="pool.json", donor_images=str(pool))
    options = TrainOptions(**TINY, paste=0.5)
    with pytest.raises(UserError, match=r"pool\.json: .*no photo of val\.json"):
        read_inputs(DataFolders.of(data), options, Reporter(), pasting=pasting)


def test_the_run_keeps_the_hashes_of_what_it_pastes(data: Path) -> None:
    pool = data.parent / "pool"
    pool.mkdir()
    content = load(data / "train.json")
    image = content["images"][0]
    pixels = np.flipud(cv2.imread(str(data / image["file_name"])))
    cv2.imwrite(str(pool / "a.jpg"), pixels)
    content["images"] = [{**image, "file_name": "a.jpg"}]
    content["annotations"] = [
        {**item, "category_id": content["categories"][0]["id"], "segmentation": [SQUARE]}
        for item in content["annotations"][:1]
    ]
    content["annotations"][0]["image_id"] = image["id"]
    (data / "pool.json").write_text(json.dumps(content), encoding="utf-8")
    patch = (content["categories"][0]["name"],)
    pasting = CopyPasteOptions(patch=patch, donors="pool.json", donor_images=str(pool))
    runs = data.parent / "runs"
    train(data, TrainOptions(**TINY, paste=0.5), pasting=pasting, runs=runs)
    found = load(runs / "exp" / "photos.json")
    digest = hashlib.sha256((pool / "a.jpg").read_bytes()).hexdigest()
    assert {"file_name": "a.jpg", "sha256": digest} in found["sources"]
    assert len(found["photos"]) == len(load(data / "train.json")["images"])


# --- shares, samplers -----------------------------------------------------------------------


@pytest.fixture
def with_synthetic(data: Path) -> Path:
    copy_paste(data, CopyPasteOptions(patch=("Battery",), num=12))
    return data


def test_synthetic_photos_of_a_file_that_holds_both_are_told_apart(with_synthetic: Path) -> None:
    real = len(load(with_synthetic / "train.json")["images"])
    reporter = Notes()
    files = ("train.json", "copy_paste.json")
    inputs = read(with_synthetic, reporter, train=files)
    assert sum(sample.synthetic for sample in inputs.sources.samples) == 12
    assert sum(sample.real for sample in inputs.sources.samples) == real
    assert any(f"{12 / (12 + real):.0%} of the photos shown" in note for note in reporter.notes)
    for share in (0.0, 0.5, 1.0):
        found = data_of(read(with_synthetic, train=("copy_paste.json",), synthetic_share=share))
        loader = found.train_dataloader()
        samples = [int(index) for batch in loader for index in batch[2]]
        synthetic = [inputs.sources.samples[index].synthetic for index in samples]
        assert sum(synthetic) == pytest.approx(share * len(samples), abs=1)
        assert len(samples) == real // 4 * 4


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"synthetic_share": 0.5}, "--synthetic-share 0.5: expected synthetic photos"),
        ({"train": ("copy_paste.json:0.5",), "synthetic_share": 0.5}, "FILE:WEIGHT"),
        ({"train": ("train.json:2",), "sampler": "rare"}, "FILE:WEIGHT"),
        ({"train": ("made.json",), "synthetic_share": 0.5}, "expected real photos"),
        ({"train": ("made.json",), "sampler": "iou"}, "expected real photos"),
        ({"train": ("made.json",), "finale": 0.5}, "people's labels"),
    ],
)
def test_mixtures_that_the_photos_do_not_allow(
    changes: dict[str, Any], expected: str, with_synthetic: Path
) -> None:
    content = load(with_synthetic / "copy_paste.json")
    made = [image for image in content["images"] if "trashdata" in image]
    content["images"] = made
    ids = {image["id"] for image in made}
    content["annotations"] = [a for a in content["annotations"] if a["image_id"] in ids]
    (with_synthetic / "made.json").write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(UserError, match=expected):
        read(with_synthetic, **changes)


def test_shares_of_more_than_all_are_refused() -> None:
    with pytest.raises(UserError, match=r"at most 1 together with --paste 0\.6"):
        TrainOptions(paste=0.6, synthetic_share=0.5)


@pytest.mark.slow
@pytest.mark.parametrize("sampler", ["rare", "repeat-factor", "iou"])
def test_a_run_with_each_sampler(sampler: str, data: Path) -> None:
    changes = {"sampler": sampler, "epochs": 2, "mode": "windows", "finale": 0.25}
    outcome = train(data, TrainOptions(**{**TINY, **changes}), runs=data.parent / "runs")
    assert outcome.figures["epochs"] == 2
    assert 0 <= outcome.figures["miou"] <= 1


def test_the_iou_sampler_gets_what_validation_found(data: Path) -> None:
    found = data_of(read(data, sampler="iou"))
    first = list(found.train_dataloader().sampler)
    found.set_class_iou([1.0] * 3 + [0.0] * 8)
    second = list(found.train_dataloader().sampler)
    assert {draw.around for draw in first} == {0}
    assert sum(draw.around >= 3 for draw in second) > len(second) / 2


def test_objects_of_a_photo_in_two_files_weigh_once(with_synthetic: Path) -> None:
    alone = read(with_synthetic, train=("copy_paste.json",), class_weights="effective")
    files = ("train.json", "copy_paste.json")
    both = read(with_synthetic, train=files, class_weights="effective")
    reverse = read(with_synthetic, train=files[::-1], class_weights="effective")
    assert alone.weights == both.weights == reverse.weights
    lengths = [data_of(inputs).schedule(1) for inputs in (alone, both, reverse)]
    assert lengths[0] == lengths[1] == lengths[2]


# --- presets --------------------------------------------------------------------------------


def test_without_a_gpu_and_a_wish_it_is_the_laptop_preset() -> None:
    options, note = settled(TrainOptions(seed=5), {"seed", "class_weights"}, gpu=False)
    assert note is not None
    assert "--preset laptop" in note
    assert (options.preset, options.seed) == ("laptop", 5)
    assert {name: getattr(options, name) for name in PRESETS["laptop"]} == PRESETS["laptop"]
    for given in ({"arch"}, {"epochs"}, {"size", "seed"}, {"resume"}, {"preset"}):
        assert settled(TrainOptions(), given, gpu=False) == (TrainOptions(), None)
    assert settled(TrainOptions(), set(), gpu=True) == (TrainOptions(), None)


def test_epochs_win_over_the_steps_of_a_preset(data: Path, run_cli: RunCli) -> None:
    done = run_cli("train", "--data", data, "--preset=laptop", "--epochs=3", "--dry-run",
                   "--encoder-weights=none", "--json-summary")  # fmt: skip
    assert done.returncode == 0, done.stderr
    options = json.loads(done.stdout)["options"]
    assert (options["epochs"], options.get("steps"), options["arch"]) == (3, None, "Segformer")


@pytest.mark.slow
@pytest.mark.parametrize("name", PRESETS)
def test_presets_are_models_that_exist(name: str) -> None:
    from trashdata.inference.architectures import check_pair, decoder_options

    options = TrainOptions(**PRESETS[name])
    arch, encoder = check_pair(options.arch, options.encoder, options.size)
    assert (arch, encoder) == (options.arch, options.encoder)
    decoder_options(arch, options.decoder_channels)


def test_threads_are_no_more_than_a_container_allows(tmp_path: Path) -> None:
    quota = tmp_path / "cpu.max"
    quota.write_text("100000 100000\n")
    assert usable_cores(quota) == 1
    quota.write_text("50000 100000\n")
    assert usable_cores(quota) == 1
    quota.write_text("max 100000\n")
    assert usable_cores(quota) == usable_cores(tmp_path / "none") >= 1


def test_the_table_of_presets_in_the_documentation() -> None:
    text = (ROOT / "docs" / "notes" / "train.md").read_text(encoding="utf-8")
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines()]
    head = next(row for row in rows if row[1:2] == ["`laptop`"])
    names = [cell.strip("`") for cell in head[1:]]
    told: dict[str, dict[str, str]] = {name: {} for name in names}
    for row in rows:
        if len(row) == len(head) and row[0].startswith("`--"):
            for name, cell in zip(names, row[1:], strict=True):
                if cell:
                    told[name][row[0].strip("`")] = cell
    assert told == {
        name: {flag(key): "yes" if value is True else str(value) for key, value in preset.items()}
        for name, preset in PRESETS.items()
    }


# --- messages -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["--paste-patch", "Nope"], "--paste-patch 'Nope'"),
        (["--paste-place", "nowhere"], "--paste-place"),
        (["--paste-preset", "nope"], "--paste-preset 'nope'"),
    ],
)
def test_errors_of_pastes_name_the_options_of_train(
    words: list[str], expected: str, data: Path, run_cli: RunCli, tmp_path: Path
) -> None:
    done = run_cli("train", "--data", data, *FLAGS, "--paste=0.5", *words)
    assert done.returncode == 2
    assert f"Error: {expected}" in done.stderr
    assert not (tmp_path / "runs").exists()


def test_options_that_only_the_table_has_are_named_as_such(data: Path) -> None:
    content = load(data / "train.json")
    battery = next(c["id"] for c in content["categories"] if c["name"] == "Battery")
    content["annotations"] = [a for a in content["annotations"] if a["category_id"] != battery]
    (data / "train.json").write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(UserError, match=r"cut-donors of \[copy-paste\]") as caught:
        read(data, paste=0.5, paste_patch=("Battery",))
    assert "--cut-donors" not in str(caught.value)
    assert "--paste-patch 'Battery'" in str(caught.value)


def test_what_never_fits_is_refused_before_training(data: Path) -> None:
    pasting = CopyPasteOptions(patch=("Battery",), min_area=100_000)
    options = TrainOptions(**TINY, paste=0.5)
    with pytest.raises(UserError, match="min-area"):
        read_inputs(DataFolders.of(data), options, Reporter(), pasting=pasting)


def test_another_photo_is_made_instead_of_one_that_nothing_fits_onto(data: Path) -> None:
    found = read(data, paste=1.0).pastes
    assert found is not None
    usual, made = found.dataset, []

    class Crowded:
        def __getitem__(self, number: int) -> Any:
            made.append(number)
            if len(made) < 3:
                raise NothingFitsError("photo", expected="room", found="none", advice="make some")
            return usual[number]

    photo, _ = Pastes(Crowded()).item(4)  # type: ignore[arg-type]
    assert made == [4, 4 + (1 << 40), 4 + (2 << 40)]
    assert np.array_equal(photo, usual[made[-1]].photo)


def test_pastes_of_a_fold(data: Path, run_cli: RunCli, tmp_path: Path) -> None:
    for part in ("train", "val"):
        shutil.copy(data / f"{part}.json", data / f"kfold_0_{part}.json")
    copy_paste(data, CopyPasteOptions(patch=("Battery",), num=3, fold=0))
    flags = ["--paste=0.5", "--paste-patch=Battery", "--fold=0", "--steps=2"]
    done = run_cli("train", "--data", data, *(f for f in FLAGS if "epochs" not in f), *flags)
    assert done.returncode == 0, done.stderr
    config = tomllib.loads((tmp_path / "runs/exp/config.toml").read_text(encoding="utf-8"))
    # Neither what a fold replaces, nor epochs beside steps.
    assert {"train", "val", "epochs"}.isdisjoint(config["train"])
    # Not the file with the synthetic photos, which holds as many real ones.
    assert config["copy-paste"]["json"] == "kfold_0_train.json"
    assert "fold" not in config["copy-paste"]
    again = run_cli("train", "--data", data, "--config", tmp_path / "runs/exp/config.toml",
                    "--dry-run")  # fmt: skip
    assert again.returncode == 0, again.stderr


def test_a_fold_has_its_own_files() -> None:
    for other in ({"train": ("other.json",)}, {"val": "other.json"}):
        with pytest.raises(UserError, match="no --train and no --val"):
            TrainOptions(fold=0, **other)


def test_a_fold_that_does_not_exist_says_how_to_make_it(data: Path) -> None:
    with pytest.raises(UserError, match="make the folds with 'trashdata kfold'"):
        read(data, fold=3)


def test_epochs_and_steps_together_are_refused() -> None:
    with pytest.raises(UserError, match="--epochs and --steps: expected one of the two"):
        settled(TrainOptions(), {"epochs", "steps"}, gpu=True)
    resumed = {"epochs", "steps", "resume"}
    assert settled(TrainOptions(), resumed, gpu=True) == (TrainOptions(), None)


def test_a_dry_run_says_what_it_would_train(with_synthetic: Path) -> None:
    reporter = Notes()
    options = TrainOptions(**{**TINY, "epochs": 3}, train=("copy_paste.json",), paste=0.25)
    train(with_synthetic, options, dry_run=True, reporter=reporter)
    (note,) = (note for note in reporter.notes if note.startswith("Would train"))
    real = len(load(with_synthetic / "train.json")["images"])
    assert f"{3 * (real // 4)} steps of 4 photos in 3 epochs" in note
    assert f"{real} real, 12 synthetic, fresh pastes on 25%" in note


def test_what_is_odd_is_told_before_training(data: Path) -> None:
    content = load(data / "val.json")
    content["annotations"] = []
    (data / "val.json").write_text(json.dumps(content), encoding="utf-8")
    reporter = Reporter()
    read(data, reporter, batch_size=1000)
    assert any("holds no object" in warning for warning in reporter.warnings)
    assert any("in a batch more than once" in warning for warning in reporter.warnings)


@pytest.mark.parametrize("size", [-32, 0, 33])
def test_sizes_are_refused_in_our_words(size: int, data: Path) -> None:
    with pytest.raises(UserError, match="a multiple of 32"):
        read(data, size=size)
