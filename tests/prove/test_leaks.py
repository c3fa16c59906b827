"""Arms that are made of validation photos are refused by name, before anything is run."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import cv2
import pytest
from helpers.coco import load
from prove.stub_runner import StubRunner

from trashdata.errors import UserError
from trashdata.prove import ProveOptions, prove

MODEL: dict[str, Any] = {
    "arch": "FPN",
    "encoder": "tu-test_efficientnet",
    "encoder_weights": "none",
    "size": 64,
}


def copied(data: Path, name: str, *, again: bool) -> None:
    """A file of the validation photos under other ids and names, their bytes or saved again."""
    content = load(data / "val.json")
    (data / name).mkdir()
    for image in content["images"]:
        image["id"] += 9000
        source, image["file_name"] = data / image["file_name"], f"{name}/{image['id']}.jpg"
        if again:
            quality = [cv2.IMWRITE_JPEG_QUALITY, 70]
            assert cv2.imwrite(str(data / image["file_name"]), cv2.imread(str(source)), quality)
        else:
            shutil.copyfile(source, data / image["file_name"])
    for annotation in content["annotations"]:
        annotation["image_id"] += 9000
    (data / f"{name}.json").write_text(json.dumps(content))


@pytest.mark.parametrize("donors", ["val", "bytes", "looks"])
@pytest.mark.parametrize("table", ["copy-paste", "copy-paste]\nnum = 3\n#", "oversample"])
def test_donors_of_validation(
    sample_set: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, donors: str, table: str
) -> None:
    monkeypatch.chdir(tmp_path)
    data = Path(shutil.copytree(sample_set, tmp_path / "data"))
    if donors != "val":
        copied(data, donors, again=donors == "looks")
    arms = tmp_path / "arms.toml"
    arms.write_text(f'[arm.leak.{table}]\ndonors = "{donors}.json"\npatch = ["Paper"]\n')
    runner = StubRunner({})
    with pytest.raises(UserError) as caught:
        prove(data, ProveOptions(**MODEL, val="val.json", arms=arms, arm=("leak",)), runner=runner)
    said = str(caught.value)
    assert said.startswith(f"arm leak: {donors}.json: ")
    assert "expected no photo of val.json in what is trained on" in said
    assert (runner.checked, runner.trained) == ([], [])
    assert not (tmp_path / "prove").exists()


def test_photos_to_label_of_validation(
    sample_set: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    data = Path(shutil.copytree(sample_set, tmp_path / "data"))
    copied(data, "bytes", again=False)
    arms = tmp_path / "arms.toml"
    arms.write_text('[arm.leak.pseudo]\njson = "bytes.json"\n')
    options = ProveOptions(**MODEL, val="val.json", arms=arms, arm=("leak",))
    with pytest.raises(UserError, match=r"arm leak: bytes\.json"):
        prove(data, options, runner=StubRunner({}))
