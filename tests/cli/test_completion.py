"""Completion in the shell: classes, COCO files, runs; what is asked, and how, as the shells do."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import pytest
from helpers.models import tiny_run
from helpers.paths import ROOT

from trashdata.cli import app
from trashdata.coco.read import read_document

HEAVY = ("cv2", "torch", "numpy", "matplotlib", "PIL", "streamlit", "pycocotools")


Ask: TypeAlias = Callable[[str], list[str]]
AskZsh: TypeAlias = Callable[[str], str]


@pytest.fixture
def ask(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., str]:
    """Run the command line in ``tmp_path`` as the shell's script does; what it prints."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.argv", ["trashdata"])

    def run(**environment: str) -> str:
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        with pytest.raises(SystemExit) as ended:
            app(prog_name="trashdata", standalone_mode=False)
        said = capsys.readouterr()
        assert (ended.value.code, said.err) == (0, "")
        return said.out

    return run


@pytest.fixture
def bash(ask: Callable[..., str]) -> Ask:
    """What Bash is offered at the end of a line, with the words as Bash would have cut them."""

    def run(line: str) -> list[str]:
        offered = ask(
            _TRASHDATA_COMPLETE="complete_bash",
            COMP_WORDS=line,
            COMP_CWORD=str(line.count(" ")),
        )
        return [word for word in offered.splitlines() if word]

    return run


@pytest.fixture
def zsh(ask: Callable[..., str]) -> AskZsh:
    return lambda line: ask(_TRASHDATA_COMPLETE="complete_zsh", _TYPER_COMPLETE_ARGS=line)


@pytest.fixture
def workplace(sample_set: Path, tmp_path: Path) -> Path:
    """A folder with the sample set's JSON files where they are looked for."""
    data = tmp_path / "input" / "data"
    data.mkdir(parents=True)
    for path in sample_set.glob("*.json"):
        shutil.copy(path, data)
    return tmp_path


def coco_with(path: Path, *names: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    categories = [{"id": k, "name": name} for k, name in enumerate(names, start=1)]
    path.write_text(json.dumps({"images": [], "annotations": [], "categories": categories}))
    return path


def test_classes_in_bash(workplace: Path, bash: Ask) -> None:
    document = read_document(workplace / "input" / "data" / "train.json")
    names = [category.name.replace(" ", "\\ ") for category in document.class_categories]
    assert bash("trashdata copy-paste --patch ") == names
    assert bash("trashdata copy-paste --patch P") == [n for n in names if n[0] == "P"]
    assert bash("trashdata preview --patch nothing") == []


@pytest.mark.usefixtures("workplace")
def test_spaces_are_escaped_unless_the_word_is_quoted(bash: Ask) -> None:
    assert bash("trashdata preview --patch Gen") == ["General\\ trash"]
    assert bash('trashdata preview --patch "Gen') == ["General trash"]


@pytest.mark.usefixtures("workplace")
def test_classes_in_zsh(zsh: AskZsh) -> None:
    offered = zsh("trashdata oversample --patch P")
    assert offered.startswith('_arguments \'*: :(("Paper"\n')
    assert '"Paper pack"' in offered
    assert "Battery" not in offered


@pytest.mark.parametrize(
    "option", ["copy-paste --target", "filter --rename"], ids=lambda text: text.split()[0]
)
@pytest.mark.usefixtures("workplace")
def test_pairs_get_their_sign(option: str, bash: Ask) -> None:
    assert bash(f"trashdata {option} B") == ["Battery="]


@pytest.mark.parametrize(
    "option",
    [
        "copy-paste --remove-patch",
        "copy-paste --background",
        "oversample --background",
        "filter --keep",
        "filter --drop",
    ],
)
@pytest.mark.usefixtures("workplace")
def test_every_option_of_classes(option: str, bash: Ask) -> None:
    assert bash(f"trashdata {option} Clo") == ["Clothing"]


def test_the_file_on_the_line_is_read(workplace: Path, bash: Ask) -> None:
    coco_with(workplace / "input" / "data" / "mine.json", "Cat", "Dog")
    coco_with(workplace / "other" / "train.json", "Bird")
    coco_with(workplace / "aside.json", "Fish")
    line = "trashdata copy-paste"
    assert bash(f"{line} --json mine.json --patch ") == ["Cat", "Dog"]
    assert bash(f"{line} --data other --patch ") == ["Bird"]
    assert bash(f"{line} --data other --json aside.json --patch ") == ["Fish"]
    assert "Battery" in bash(f"{line} --json not_there.json --patch ")


def test_files_and_runs(workplace: Path, bash: Ask) -> None:
    assert bash("trashdata stats --json t") == [
        "test.json",
        "train.json",
        "train_all.json",
    ]
    assert bash("trashdata predict --model ") == []
    tiny_run(workplace / "runs" / "exp", workplace / "input" / "data" / "train.json")
    (workplace / "runs" / "half").mkdir()
    assert bash("trashdata predict --model e") == ["exp"]
    assert bash("trashdata app --model ") == ["exp"]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b'{"categories": 7}',
        b"[" * 100_000,
        b'{"categories": [{"id": "x"}]}',
    ],
    ids=["empty", "cut", "no-utf8", "no-list", "deep", "no-id"],
)
def test_a_broken_file_offers_nothing(
    tmp_path: Path, content: bytes, bash: Ask, zsh: AskZsh
) -> None:
    (tmp_path / "input" / "data").mkdir(parents=True)
    (tmp_path / "input" / "data" / "train.json").write_bytes(content)
    assert bash("trashdata copy-paste --patch ") == []
    assert zsh("trashdata copy-paste --patch ") == "_files\n"


def test_no_folder_offers_nothing(bash: Ask) -> None:
    assert bash("trashdata copy-paste --data nowhere --patch ") == []
    assert bash("trashdata copy-paste --data nowhere --json ") == []


def test_names_that_a_shell_could_run_are_not_offered(
    tmp_path: Path, bash: Ask, zsh: AskZsh
) -> None:
    hostile = ["$(touch x)", "`touch x`", "a;touch x", "'b", "\\$(touch x)", "c\nd", "~", "-n", ""]
    coco_with(tmp_path / "input" / "data" / "train.json", *hostile, "Öl & Fett", "Öl", "紙 パック")
    assert bash("trashdata copy-paste --patch ") == ["Öl", "紙\\ パック"]
    assert zsh("trashdata copy-paste --patch ").count("\n") == 2


def test_bash_itself_completes(workplace: Path) -> None:
    """Bash with the script that the user installs; nothing heavy is loaded for it."""
    if shutil.which("bash") is None:
        pytest.skip("needs bash")
    program = workplace / "bin" / "trashdata"
    program.parent.mkdir()
    program.write_text(
        f"#!{sys.executable}\n"
        f"import sys; sys.path.insert(0, {str(ROOT)!r})\n"
        "from trashdata.cli import main\n"
        "try: main()\n"
        f"finally: print([n for n in {HEAVY!r} if n in sys.modules], file=sys.stderr)\n"
    )
    program.chmod(0o755)
    script = (
        'eval "$(_TRASHDATA_COMPLETE=source_bash trashdata)"\n'
        "COMP_WORDS=(trashdata copy-paste --patch Gen); COMP_CWORD=3\n"
        "_trashdata_completion trashdata\n"
        'printf "%s\\n" "${COMPREPLY[@]}"'
    )
    done = subprocess.run(
        ["bash", "-c", script],
        cwd=workplace,
        env={**os.environ, "PATH": f"{program.parent}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "General\\ trash\n"
    assert done.stderr == "[]\n[]\n"
