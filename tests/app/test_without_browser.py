"""The app without a browser: what is laid over a photo, what is downloaded, how it is served."""

from __future__ import annotations

import io
import json
import socket
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from helpers.coco import check_ids
from helpers.models import tiny_run
from helpers.paths import ROOT
from helpers.processes import RunCli
from numpy.typing import NDArray
from PIL import Image

from trashdata.app.downloads import coco_file, document_of
from trashdata.app.overlay import class_shares, lay_over, percent, picture
from trashdata.app.serve import ADDRESS, flags, free_port
from trashdata.app.session import Session, open_session
from trashdata.app.upload import read_upload
from trashdata.coco.document import ImageRecord
from trashdata.coco.read import read_document
from trashdata.errors import UserError
from trashdata.inference.options import EnsembleOptions
from trashdata.inference.predictor import Ensemble, Prediction
from trashdata.inference.saved import LoadedModel
from trashdata.masks.labelmap import label_map
from trashdata.palette import palette
from trashdata.provenance import Provenance

NAMES = ("Paper", "Battery", "Glass")


def some_labels(shape: tuple[int, int] = (40, 60), seed: int = 0) -> NDArray[np.uint8]:
    """Regions with holes, diagonals and single pixels, of three classes and background."""
    rng = np.random.default_rng(seed)
    coarse = rng.integers(0, 4, (shape[0] // 4, shape[1] // 4), dtype=np.uint8)
    labels = np.kron(coarse, np.ones((4, 4), dtype=np.uint8))
    specks = rng.random(labels.shape) < 0.05
    labels[specks] = rng.integers(0, 4, int(specks.sum()), dtype=np.uint8)
    return labels


def jpeg_of(pixels: NDArray[np.uint8], orientation: int = 1, **options: Any) -> bytes:
    stream = io.BytesIO()
    exif = Image.Exif()
    exif[0x0112] = orientation
    Image.fromarray(pixels).save(stream, "JPEG", quality=95, exif=exif.tobytes(), **options)
    return stream.getvalue()


@pytest.fixture(scope="module")
def model(sample_set: Path, tmp_path_factory: pytest.TempPathFactory) -> LoadedModel:
    return tiny_run(tmp_path_factory.mktemp("app") / "exp", sample_set / "train.json")


@pytest.fixture(scope="module")
def session(model: LoadedModel) -> Session:
    return open_session(EnsembleOptions(model=(str(model.path),), device="cpu"))


# --- shares -----------------------------------------------------------------------------------


def test_shares_add_up_and_fall() -> None:
    labels = some_labels()
    rows = class_shares(labels, NAMES)
    assert sorted(row.index for row in rows) == [0, 1, 2, 3]
    assert {row.index: row.pixels for row in rows} == {
        k: int((labels == k).sum()) for k in range(4)
    }
    assert sum(row.share for row in rows) == pytest.approx(1)
    assert [row.pixels for row in rows] == sorted((r.pixels for r in rows), reverse=True)
    assert {row.name: row.colour for row in rows}["Paper"] == "#88ccee"


def test_a_class_that_is_not_there_is_named_too() -> None:
    rows = class_shares(np.zeros((2, 2), dtype=np.uint8), NAMES)
    assert [(row.name, row.pixels) for row in rows][1:] == [(name, 0) for name in NAMES]
    assert percent(rows[0].share) == "100.0 %"
    assert percent(rows[1].share) == "0 %"


# --- overlay ----------------------------------------------------------------------------------


def flat(labels: NDArray[np.uint8], colour: Sequence[int] = (10, 20, 30)) -> NDArray[np.uint8]:
    return np.full((*labels.shape, 3), colour, dtype=np.uint8)


def test_overlay_leaves_the_photo_where_nothing_is_shown() -> None:
    labels = some_labels()
    photo = np.random.default_rng(1).integers(0, 256, (*labels.shape, 3), dtype=np.uint8)
    kept = photo.copy(), labels.copy()
    over = lay_over(photo, labels, [2], 0.5)
    assert (over[labels != 2] == photo[labels != 2]).all()
    assert (over[labels == 2] != photo[labels == 2]).any(axis=1).all()
    assert (lay_over(photo, labels, [1, 2, 3], 0) == photo).all()
    assert (lay_over(photo, labels, [], 1) == photo).all()
    assert (photo == kept[0]).all()
    assert (labels == kept[1]).all()


def test_overlay_blends_inside_and_is_opaque_at_edges() -> None:
    labels = np.zeros((40, 40), dtype=np.uint8)
    labels[10:30, 10:30] = 2
    over = lay_over(flat(labels), labels, [2], 0.25)
    colour = palette()[2]
    assert (over[10, 20] == colour).all()
    middle = np.rint(0.75 * np.array([10, 20, 30]) + 0.25 * colour)
    assert (over[20, 20] == middle).all()
    assert (lay_over(flat(labels), labels, [2], 1)[20, 20] == colour).all()


@pytest.mark.parametrize("shape", [(1, 1), (3000, 20), (1500, 2100)])
def test_picture_fits_the_page(shape: tuple[int, int]) -> None:
    labels = np.ones(shape, dtype=np.uint8)
    with Image.open(io.BytesIO(picture(flat(labels), labels, [1], 1))) as image:
        assert max(image.size) == min(1400, max(shape))
        assert np.abs(np.asarray(image).astype(int) - palette()[1]).max() <= 3


# --- downloads --------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(5))
def test_coco_file_gives_the_label_map_back(model: LoadedModel, tmp_path: Path, seed: int) -> None:
    labels = some_labels(seed=seed)
    image = ImageRecord(1, "a b.jpg", 60, 40)
    sure = np.full(labels.shape, 0.75, dtype=np.float32)
    content = coco_file(document_of(model.card), image, Prediction(labels, sure), ["exp@123"])
    path = tmp_path / "a b.json"
    path.write_bytes(content)
    Image.new("RGB", (60, 40)).save(tmp_path / "a b.jpg")
    document = read_document(path)
    assert not document.warnings
    check_ids(json.loads(content))
    assert (label_map(document, document.images[0]) == labels).all()
    assert Provenance(document).pseudo_labelled == {1}
    annotations = json.loads(content)["annotations"]
    assert {row["score"] for row in annotations} == {0.75}
    assert sum(row["area"] for row in annotations) == int((labels > 0).sum())


def test_bare_background_has_no_annotation(model: LoadedModel) -> None:
    labels = np.zeros((4, 6), dtype=np.uint8)
    found = Prediction(labels, np.ones(labels.shape, dtype=np.float32))
    content = coco_file(document_of(model.card), ImageRecord(1, "a.jpg", 6, 4), found, [])
    assert json.loads(content)["annotations"] == []


def test_answer_is_the_prediction_of_the_photo(
    session: Session, model: LoadedModel, sample_set: Path
) -> None:
    photo = next(sample_set.glob("batch_01*/*.jpg"))
    answer = session.ask("../up/" + photo.name, photo.read_bytes())
    with Image.open(photo) as image:
        expected = Ensemble([model]).predict(np.asarray(image.convert("RGB")))
    assert (answer.found.labels == expected.labels).all()
    assert (answer.name, answer.stem) == (photo.name, photo.stem)
    with Image.open(io.BytesIO(answer.mask_png)) as mask:
        assert (np.asarray(mask) == expected.labels).all()
    saved = json.loads(answer.coco_json)
    assert saved["images"][0]["file_name"] == photo.name
    assert saved["info"]["trashdata"]["models"] == [f"exp@{model.sha256[:12]}"]


# --- uploads ----------------------------------------------------------------------------------


def test_exif_turns_the_photo_unless_told_not_to() -> None:
    pixels = np.zeros((8, 16, 3), dtype=np.uint8)
    content = jpeg_of(pixels, orientation=6)
    shapes = {rule: read_upload("a.jpg", content, rule).shape[:2] for rule in RULES}
    assert shapes == {"auto": (16, 8), "apply": (16, 8), "ignore": (8, 16)}


RULES: tuple[Any, ...] = ("auto", "apply", "ignore")


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"", "an empty file"),
        (b"no photo at all", "something else"),
        (jpeg_of(np.zeros((64, 64, 3), dtype=np.uint8))[:-300], "ends in its middle"),
    ],
    ids=["empty", "text", "cut"],
)
def test_what_is_no_photo_is_refused_by_name(session: Session, content: bytes, found: str) -> None:
    with pytest.raises(UserError, match=rf"^holiday\.jpg: expected .*{found}.*photo\.$"):
        session.ask("holiday.jpg", content)


# --- serving ----------------------------------------------------------------------------------


def test_only_this_machine_is_served_and_nobody_is_told() -> None:
    told = dict(flag.removeprefix("--").split("=") for flag in flags(8501, browser=False))
    assert told["server.address"] == told["browser.serverAddress"] == ADDRESS == "127.0.0.1"
    assert told["browser.gatherUsageStats"] == "false"
    assert told["server.headless"] == "true"
    assert "--server.headless=true" not in flags(8501, browser=True)


def test_a_port_that_is_taken_is_refused() -> None:
    with socket.socket() as other:
        other.bind((ADDRESS, 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(UserError, match=rf"--port {port}: expected a port"):
            free_port(port)
        assert free_port(0) not in (0, port)


def test_without_streamlit_one_sentence(tmp_path: Path) -> None:
    code = (
        "import sys; sys.modules['streamlit'] = None; sys.argv = ['trashdata', 'app'];"
        "from trashdata.cli import main; main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT), "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith("Error: app: expected Streamlit to be installed")
    assert done.stderr.endswith("run pip install 'trashdata[app]'.\n")
    assert list(tmp_path.iterdir()) == []


def test_dry_run_loads_the_model_and_serves_nothing(
    run_cli: RunCli, sample_set: Path, tmp_path: Path
) -> None:
    pytest.importorskip("streamlit", reason="needs the extra [app]")
    tiny_run(tmp_path / "runs" / "exp", sample_set / "train.json")
    before = sorted(tmp_path.rglob("*"))
    done = run_cli("app", "--dry-run", "--port", 0, "--json-summary")
    assert done.returncode == 0, done.stderr
    summary = json.loads(done.stdout)
    assert (summary["command"], summary["counts"]["classes"]) == ("app", 10)
    assert "Would serve the page at http://127.0.0.1:" in done.stderr
    assert sorted(tmp_path.rglob("*")) == before


def test_an_unknown_run_is_one_sentence(run_cli: RunCli) -> None:
    pytest.importorskip("streamlit", reason="needs the extra [app]")
    done = run_cli("app", "--model", "nowhere", "--port", 0)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("Error: --model nowhere: expected a run")
