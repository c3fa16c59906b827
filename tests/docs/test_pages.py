"""The documentation: its examples run, its links lead somewhere, its site builds without a warning.

Commands that stand in a page's ``sh`` and ``python`` blocks are run in their order, in a folder of
the page's own that holds the sample set. A block that can't be run here has a comment before it,
``<!-- not run: why -->``; how many there are is counted below. Examples of the commands' help are
run by tests/cli/test_commands.py, so the pages that are generated from it are not run again.
"""

from __future__ import annotations

import csv
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from importlib.util import find_spec
from inspect import isclass
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import typer
from helpers.marks import slow_where
from helpers.models import ENCODER, tiny_run
from helpers.paths import ROOT

from trashdata.cli import COMMANDS, app

DOCS = ROOT / "docs"
GENERATED = ("commands", "python")
PAGES = sorted(
    str(path.relative_to(ROOT))
    for path in [ROOT / "README.md", *DOCS.rglob("*.md")]
    if path.relative_to(DOCS if path.is_relative_to(DOCS) else ROOT).parts[0] not in GENERATED
)
BLOCK = re.compile(
    r"(?:<!-- not run: (?P<reason>[^\n]+) -->\n)?^```(?P<form>sh|python)\n(?P<code>.*?)^```$",
    flags=re.MULTILINE | re.DOTALL,
)
# Blocks of these forms only show something.
SILENT = {"text", "toml", "csv", "yaml", "json", ""}
NOT_RUN = {
    "README.md": 4,
    "docs/index.md": 1,
    "docs/how-to/competition.md": 1,
    "docs/how-to/cvat.md": 1,
    "docs/how-to/detectron2.md": 2,
    "docs/how-to/fiftyone.md": 2,
    "docs/how-to/mmsegmentation.md": 1,
    "docs/how-to/taco.md": 1,
    # Its own test runs it: tests/docs/test_torchvision.py
    "docs/how-to/torchvision.md": 1,
    "docs/how-to/ultralytics.md": 1,
    "docs/prove.md": 2,
}


class Block(NamedTuple):
    """A fenced block; ``reason``: why it can't be run here, if so."""

    form: str
    code: str
    reason: str | None


def blocks_of(page: str) -> list[Block]:
    text = (ROOT / page).read_text(encoding="utf-8")
    return [Block(m["form"], m["code"], m["reason"]) for m in BLOCK.finditer(text)]


def test_blocks_are_of_known_forms() -> None:
    for page in PAGES:
        lines = (ROOT / page).read_text(encoding="utf-8").splitlines()
        fences = [line[3:] for line in lines if line.startswith("```")]
        assert len(fences) % 2 == 0, page
        assert set(fences[::2]) <= {"sh", "python", *SILENT}, page
        runnable = sum(form in ("sh", "python") for form in fences[::2])
        assert runnable == len(blocks_of(page)), f"{page}: a block that is not found"


def test_count_of_blocks_that_are_not_run() -> None:
    counted = {page: sum(block.reason is not None for block in blocks_of(page)) for page in PAGES}
    assert {page: count for page, count in counted.items() if count} == NOT_RUN


@pytest.fixture(scope="session")
def layouts(sample_set: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the pages find: the sample set as their own data, and as others would export it."""
    folder = tmp_path_factory.mktemp("docs")
    for data in ("input/data", "demo/input/data"):
        shutil.copytree(sample_set, folder / data)
    as_coco(sample_set, folder / "mine")
    as_taco(sample_set, folder / "taco")
    as_roboflow(sample_set, folder / "roboflow")
    as_cvat(sample_set, folder / "cvat")
    # A page without training of its own has models of ours to work with.
    for name in ("exp", "fold0"):
        tiny_run(folder / "runs" / name, sample_set / "val.json")
    (folder / "trashdata.toml").write_text(small_defaults(), encoding="utf-8")
    return folder


def small_defaults() -> str:
    """Few synthetic photos, and no workers: starting them takes longer than the work."""
    root: Any = typer.main.get_command(app)
    context = typer.Context(root)
    lines = []
    for name in COMMANDS:
        names = {option.name for option in root.get_command(context, name).params}
        lines.append(f"[{name}]")
        lines += [f"workers = {0 if name == 'train' else 1}"] * ("workers" in names)
        lines += ["num = 20"] * (name == "copy-paste")
    return "\n".join(lines)


def as_roboflow(data: Path, folder: Path) -> None:
    """A folder a split, photos beside the JSON, category 0 for the project."""
    for name, split in (("train", "train"), ("val", "valid")):
        document = load(data / f"{name}.json")
        (folder / split).mkdir(parents=True)
        for image in document["images"]:
            flat = f"{image['file_name'].replace('/', '_').removesuffix('.jpg')}_jpg.rf.0f1e.jpg"
            shutil.copy(data / image["file_name"], folder / split / flat)
            image["file_name"] = flat
        root = {"id": 0, "name": "trash", "supercategory": "none"}
        own = [{**category, "supercategory": "trash"} for category in document["categories"]]
        document["categories"] = [root, *own]
        save(folder / split / "_annotations.coco.json", document)


def as_coco(data: Path, folder: Path) -> None:
    """One file, photos in a folder beside it."""
    shutil.copytree(data, folder / "val2017", ignore=shutil.ignore_patterns("*.json"))
    save(folder / "instances.json", load(data / "train_all.json"))


def as_cvat(data: Path, folder: Path) -> None:
    """Annotations and photos in folders of their own, by subset."""
    document = load(data / "train_all.json")
    for image in document["images"]:
        photo = folder / "images" / "default" / image["file_name"]
        photo.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(data / image["file_name"], photo)
    (folder / "annotations").mkdir()
    save(folder / "annotations" / "instances_default.json", document)


def as_taco(data: Path, folder: Path) -> None:
    """The classes of the map that comes with the project, without photos."""
    document = load(data / "train_all.json")
    rows = (ROOT / "trashdata" / "maps" / "taco_to_recycling.csv").read_text(encoding="utf-8")
    folder.mkdir()
    names = [row["from"] for row in csv.DictReader(rows.splitlines())]
    document["categories"] = [{"id": k, "name": name} for k, name in enumerate(names)]
    save(folder / "annotations.json", document)


def load(path: Path) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    # Files of other tools are not ours to name.
    document.pop("info", None)
    return document


def save(path: Path, document: dict[str, Any]) -> None:
    path.write_text(json.dumps(document), encoding="utf-8")


def command_lines(code: str) -> Iterator[list[str]]:
    """The words of each command in a block, comments left out."""
    for line in code.replace("\\\n", " ").splitlines():
        words = shlex.split(line, comments=True)
        if words:
            yield words


# What a training would take too long with: an epoch of a tiny model shows that the command works.
SMALLER = {"--epochs": "1", "--arch": "Unet", "--encoder": ENCODER, "--size": "64"}


def run(words: list[str]) -> None:
    """One command of a page, in this process."""
    assert words[0] == "trashdata", f"not ours to run, mark the block: {words}"
    if words[1] == "train":
        words = [SMALLER.get(before, word) for before, word in pairwise(["", *words])]
    if words[1] == "sample":
        # The folder holds what it would draw.
        words = [*words, "--dry-run", "--data", "drawn"]
    assert not app(words[1:], standalone_mode=False), words


@pytest.mark.parametrize(
    "page",
    slow_where(
        [page for page in PAGES if blocks_of(page)],
        {"docs/tutorial.md", "docs/how-to/competition.md"},
    ),
)
def test_examples_run(
    page: str, layouts: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(shutil.copytree(layouts, tmp_path / "work"))
    blocks = [block for block in blocks_of(page) if block.reason is None]
    if any("trashdata train" in block.code for block in blocks):
        shutil.rmtree("runs")
    for block in blocks:
        if block.form == "sh":
            for words in command_lines(block.code):
                run(words)
        else:
            exec(compile(block.code, page, "exec"), {"__name__": "example"})


def test_links_between_pages() -> None:
    made_of = {name: set(pages) for name, pages in generated().items()}
    for page in PAGES:
        text = (ROOT / page).read_text(encoding="utf-8")
        for target in re.findall(
            r"\]\(([^)#\s]+)(?:#[^)]*)?\)", re.sub(r"```.*?```", "", text, flags=re.DOTALL)
        ):
            if "://" in target:
                continue
            path = ((ROOT / page).parent / target).resolve()
            folder = path.parent.name
            there = path.name in made_of[folder] if folder in made_of else path.exists()
            assert there, f"{page}: {target}"


def generated() -> dict[str, dict[str, str]]:
    """The generated pages, by folder and file name."""
    from_docs = docs_modules()
    commands, python = from_docs["command_pages"], from_docs["python_pages"]
    return {"commands": commands.command_pages(), "python": python.python_pages()}


def docs_modules() -> dict[str, Any]:
    """The modules that write the generated pages; they stand beside the pages, in no package."""
    sys.path.insert(0, str(DOCS))
    try:
        names = ("command_pages", "python_pages", "reference")
        return {name: import_module(name) for name in names}
    finally:
        sys.path.remove(str(DOCS))


def test_every_command_and_every_option_has_its_place() -> None:
    pages = generated()
    written = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    nav = docs_modules()["reference"].site_config(written)
    root: Any = typer.main.get_command(app)
    for name in COMMANDS:
        assert f"- {name}: commands/{name}.md" in nav
        page = pages["commands"][f"{name}.md"]
        for option in root.get_command(typer.Context(root), name).params:
            shared = option.name in ("config", "json_summary", "quiet", "verbose")
            names = option.opts if option.param_type_name == "option" else [option.metavar]
            assert shared or f"`{names[0]}`" in page, (name, names)
    listed = re.findall(r"(commands|python)/(\S+\.md)", nav)
    assert {folder: {n for f, n in listed if f == folder} for folder in pages} == {
        folder: set(names) for folder, names in pages.items()
    }


def test_public_names_are_documented() -> None:
    for package in docs_modules()["python_pages"].PACKAGES:
        module = import_module(package)
        assert module.__doc__
        for name in module.__all__:
            thing = getattr(module, name)
            # Not what a class inherits; and a dataclass without one is given its signature.
            said = vars(thing).get("__doc__") if isclass(thing) else getattr(thing, "__doc__", "")
            assert said, f"{package}.{name}"
            assert not said.startswith(f"{name}("), f"{package}.{name}"


@pytest.mark.skipif(find_spec("mkdocs") is None, reason="needs mkdocs: the extra [docs]")
def test_site_builds_without_a_warning(tmp_path: Path) -> None:
    docs = shutil.copytree(
        DOCS, tmp_path / "docs", ignore=shutil.ignore_patterns(*GENERATED, "__pycache__")
    )
    written = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    config = docs_modules()["reference"].site_config(written)
    (tmp_path / "mkdocs.yml").write_text(config, encoding="utf-8")
    for folder, pages in generated().items():
        (docs / folder).mkdir()
        for name, text in pages.items():
            (docs / folder / name).write_text(text, encoding="utf-8")
    done = subprocess.run(
        # With --quiet, warnings count no more.
        [sys.executable, "-m", "mkdocs", "build", "--strict"],
        cwd=tmp_path,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    said = [line for line in done.stderr.splitlines() if not line.startswith("INFO")]
    assert (done.returncode, done.stdout, said) == (0, "", [])
    fetched = re.compile(
        r"""<(?:script|img|iframe)[^>]*https?://|<link[^>]*stylesheet[^>]*https?://"""
    )
    for page in (tmp_path / "site").rglob("*.html"):
        assert not fetched.search(page.read_text(encoding="utf-8")), page.name
