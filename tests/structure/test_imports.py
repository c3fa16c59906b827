"""Who may import whom: no circles, no spoke from a spoke, nothing heavy for a command's help."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest
from conftest import ROOT
from structure.import_graph import (
    HUB,
    PRODUCT,
    SPOKES,
    Import,
    file_graph,
    imports_of,
    read_imports,
    shortest_circles,
    shown,
    sibling_graphs,
    told,
)

# Loaded by `trashdata --help`, they would take a second and more of it.
HEAVY = (
    *("numpy", "cv2", "PIL", "matplotlib", "pycocotools", "sklearn", "scipy", "iterstrat"),
    *("torch", "torchvision", "segmentation_models_pytorch", "pytorch_lightning"),
    *("albumentations", "distributed", "streamlit", "jinja2", "rich"),
)


@pytest.fixture(scope="module")
def imports() -> list[Import]:
    return read_imports(ROOT)


# --- the product ---


def test_no_circle_of_imports_between_files(imports: list[Import]) -> None:
    circles = shortest_circles(file_graph(imports))
    assert not circles, f"circles of imports between files:\n\n{told(circles)}"


def test_no_circle_of_imports_between_folders(imports: list[Import]) -> None:
    """See `sibling_graphs` for what counts."""
    found = {
        shown(folder): told(circles)
        for folder, graph in sibling_graphs(imports).items()
        if (circles := shortest_circles(graph))
    }
    text = "\n\n".join(f"in {folder}/:\n\n{circles}" for folder, circles in found.items())
    assert not found, f"circles of imports between what is directly in a folder\n{text}"


def test_no_spoke_imports_another_spoke_but_for_fresh_pastes(imports: list[Import]) -> None:
    """Only ``train/pastes.py`` does: the public names of copy_paste."""
    between = [
        one
        for one in imports
        if one.source[0] in SPOKES and one.target[0] in SPOKES and one.source[0] != one.target[0]
    ]
    pastes = ("train", "pastes.py"), ("copy_paste", "__init__.py")
    others = [one for one in between if (one.source, one.target) != pastes]
    assert not others, told([others])
    assert between, "the exception is not needed any more"


def test_training_without_pastes_does_not_load_copy_paste() -> None:
    code = "import sys, trashdata.train.run, trashdata.train.data.loading, trashdata.train.pastes\n"
    code += "print([name for name in sys.modules if name.startswith('trashdata.copy_paste')])"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=ROOT
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "[]"


def test_only_the_command_line_imports_commands(imports: list[Import]) -> None:
    allowed = ("commands", "cli.py")
    others = [
        one for one in imports if one.target[0] == "commands" and one.source[0] not in allowed
    ]
    assert not others, told([others])


def declaring_modules() -> Iterator[str]:
    """Modules that declare commands and options, by name."""
    for top in PRODUCT:
        for path in sorted((ROOT / top).rglob("*.py")):
            names = path.relative_to(ROOT).with_suffix("").parts
            if names[-1] in ("command", "options") or path.parent.name == "commands":
                dotted = ".".join(names if top == HUB else (HUB, *names))
                yield dotted.removesuffix(".__init__")


def test_declaring_commands_and_options_imports_nothing_heavy() -> None:
    code = "\n".join(
        [
            "import importlib, sys, typer",
            "from trashdata.cli import COMMANDS, app",
            f"for name in {list(declaring_modules())!r}:",
            "    importlib.import_module(name)",
            "group = typer.main.get_command(app)",
            "for name in COMMANDS:",
            "    assert group.get_command(None, name) is not None, name",
            f"print([name for name in {HEAVY!r} if name in sys.modules])",
        ]
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "[]"


# --- the graph itself ---


def test_imports_are_found_wherever_they_stand() -> None:
    texts = {
        ("__init__.py",): "",
        ("errors.py",): "import numpy\nfrom os import path\n",
        ("coco", "__init__.py"): "if TYPE_CHECKING:\n    from .read import read\n",
        ("coco", "read.py"): "def f():\n    from trashdata import errors, __version__\n",
        ("train", "__init__.py"): "",
        ("train", "run.py"): "import trashdata.coco.read\nfrom trashdata.coco import read, A, B\n",
        (
            "train",
            "deep",
            "a.py",
        ): "from ..run import x\nfrom train import run, y\nimport os\n",
    }
    assert [str(one) for one in imports_of(texts)] == [
        "trashdata/coco/__init__.py:2 imports trashdata/coco/read.py",
        "trashdata/coco/read.py:2 imports trashdata/errors.py",
        "trashdata/coco/read.py:2 imports trashdata/__init__.py",
        "train/run.py:1 imports trashdata/coco/read.py",
        "train/run.py:2 imports trashdata/coco/read.py",
        "train/run.py:2 imports trashdata/coco/__init__.py",
        "train/deep/a.py:1 imports train/run.py",
        "train/deep/a.py:2 imports train/run.py",
        "train/deep/a.py:2 imports train/__init__.py",
    ]


def test_a_circle_is_told_once_and_by_its_shortest_way() -> None:
    texts = {
        ("a.py",): "import trashdata.b\nimport trashdata.c\n",
        ("b.py",): "\nimport trashdata.c\n",
        ("c.py",): "import trashdata.a\nimport trashdata.d\n",
        ("d.py",): "",
    }
    assert told(shortest_circles(file_graph(imports_of(texts)))) == (
        "trashdata/a.py:2 imports trashdata/c.py\n"
        "trashdata/c.py:1 imports trashdata/a.py\n"
        "\n"
        "trashdata/a.py:1 imports trashdata/b.py\n"
        "trashdata/b.py:2 imports trashdata/c.py\n"
        "trashdata/c.py:1 imports trashdata/a.py"
    )


def test_stages_may_import_options_beside_them_but_not_the_run_that_imports_them() -> None:
    texts = {
        ("train", "options.py"): "",
        ("train", "run.py"): "from .stages.fit import fit\nfrom .options import O\n",
        ("train", "stages", "fit.py"): "from ..options import O\n",
        ("train", "stages", "draw.py"): "",
    }
    assert not circles_in_train(texts)
    back = {**texts, ("train", "stages", "draw.py"): "from ..run import run\n"}
    assert circles_in_train(back) == (
        "train/run.py:1 imports train/stages/fit.py\ntrain/stages/draw.py:1 imports train/run.py"
    )
    assert not shortest_circles(file_graph(imports_of(back)))


def circles_in_train(texts: dict[tuple[str, ...], str]) -> str:
    return told(shortest_circles(sibling_graphs(imports_of(texts))[("train",)]))
