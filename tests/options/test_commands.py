"""A command made from a dataclass: help, values, limits, texts, presets, TOML."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

import pytest
import typer
from typer.testing import CliRunner

from trashdata.errors import UserError
from trashdata.options.command import Call, command, command_app
from trashdata.options.config import read_table
from trashdata.options.limits import Above, Below, Choices, check_options, refuse_together
from trashdata.options.text import Text, join_list, split_list
from trashdata.outcome import Outcome


@dataclass(frozen=True)
class SoupOptions:
    command: ClassVar[str] = "soup"
    presets: ClassVar[Mapping[str, Mapping[str, Any]]] = {"large": {"plates": 8, "salt": 0.9}}

    guests: tuple[str, ...] = ()
    """Who eats.

    A second paragraph is for readers of Python.
    """

    plates: Annotated[int, typer.Option(min=1, max=20)] = 4
    """Plates to fill."""

    salt: Annotated[float, Above(0), Below(1)] = 0.5
    """Salt."""

    kind: Literal["thick", "thin"] = "thick"
    """Kind of soup."""

    steps: Annotated[tuple[str, ...], Text(split_list, join_list)] = ("boil", "stir")
    """What is done."""

    lid: bool = True
    """With a lid."""

    hot: bool = False
    """Serve it hot."""

    cold: bool = False
    """Serve it cold."""

    preset: str | None = None
    """Named set of values."""

    def __post_init__(self) -> None:
        check_options(self)
        refuse_together(self, "hot", "cold")


class Kitchen:
    """The command, and what it was last called with."""

    def __init__(self) -> None:
        self.app = command_app()
        self.options = SoupOptions()
        self.call: Call | None = None
        self.findings = 0

        @command(self.app, "soup", SoupOptions, ("workers", "executor", "scheduler"))
        def soup(options: SoupOptions, call: Call) -> Outcome:
            """Cook.

            Example: trashdata soup --plates 3
            """
            self.options, self.call = options, call
            return Outcome("soup", {}, [], {"plates": options.plates}, findings=self.findings)

    def cook(self, *words: str) -> Any:
        return CliRunner().invoke(self.app, list(words))


@pytest.fixture
def kitchen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Kitchen:
    monkeypatch.chdir(tmp_path)
    return Kitchen()


def test_defaults_are_those_of_the_dataclass(kitchen: Kitchen) -> None:
    assert kitchen.cook().exit_code == 0
    assert kitchen.options == SoupOptions()
    assert kitchen.call is not None
    assert kitchen.call.stated == frozenset()


def test_values_become_fields(kitchen: Kitchen) -> None:
    words = "--guests Ann --guests Bo --plates 3 --salt 0.1 --kind thin --steps cut,boil --no-lid"
    done = kitchen.cook(*words.split(), "--hot", "--workers", "3")
    assert done.exit_code == 0, done.output
    assert kitchen.options == SoupOptions(
        ("Ann", "Bo"), 3, 0.1, "thin", ("cut", "boil"), lid=False, hot=True
    )
    assert kitchen.call is not None
    assert kitchen.call.workers == 3
    assert kitchen.call.stated == {"guests", "plates", "salt", "kind", "steps", "lid", "hot"}


def test_help_is_the_docstring_under_the_field(kitchen: Kitchen) -> None:
    text = kitchen.cook("--help").output
    for expected in ("Who eats.", "1<=x<=20", "thick|thin", "boil,stir", "--lid / --no-lid"):
        assert expected in text
    assert "second paragraph" not in text
    assert "--no-hot" not in text


def test_required_options_come_first() -> None:
    @dataclass(frozen=True)
    class Needed:
        command: ClassVar[str] = "need"
        what: str

    app = command_app()

    @command(app, "need", Needed, ())
    def need(options: Needed, call: Call) -> Outcome:  # noqa: ARG001
        """Need something."""
        return Outcome(options.what, {}, [], {})

    assert CliRunner().invoke(app, []).exit_code == 2
    assert (
        '"command":"salt"' in CliRunner().invoke(app, ["--what", "salt", "--json-summary"]).output
    )


def test_findings_end_with_exit_code_1(kitchen: Kitchen) -> None:
    kitchen.findings = 2
    done = kitchen.cook("--json-summary")
    assert done.exit_code == 1
    assert '"plates":4' in done.output


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"plates": 0}, "--plates: expected 1 to 20, found 0"),
        ({"plates": 21}, "--plates: expected 1 to 20, found 21"),
        ({"salt": 0.0}, "--salt: expected a number above 0, less than 1, found 0.0"),
        ({"salt": 1.0}, "--salt: expected a number above 0, less than 1, found 1.0"),
        ({"salt": float("nan")}, "found nan"),
        ({"kind": "runny"}, "--kind: expected one of thick, thin, found runny"),
        ({"guests": "Ann"}, "--guests: expected a tuple of texts, found Ann"),
        ({"hot": True, "cold": True}, "--hot and --cold: expected one of the two, found both"),
    ],
)
def test_limits_hold_in_python_as_well(values: dict[str, Any], sentence: str) -> None:
    with pytest.raises(UserError) as error:
        SoupOptions(**values)
    assert sentence in str(error.value)
    assert str(error.value).endswith("see 'trashdata soup --help'.")


def test_toml_stands_above_presets_and_below_flags(kitchen: Kitchen) -> None:
    Path("trashdata.toml").write_text('[soup]\npreset = "large"\nplates = 7\nsteps = "eat"\n')
    assert kitchen.cook("--salt", "0.2").exit_code == 0
    options = kitchen.options
    assert (options.plates, options.salt, options.steps) == (7, 0.2, ("eat",))
    assert kitchen.cook("--plates", "2").exit_code == 0
    assert (kitchen.options.plates, kitchen.options.salt) == (2, 0.9)
    assert kitchen.call is not None
    assert kitchen.call.stated == {"plates"}


def test_unknown_preset(kitchen: Kitchen) -> None:
    done = kitchen.cook("--preset", "lrge")
    assert isinstance(done.exception, UserError)
    assert "did you mean 'large'?" in str(done.exception)


def test_a_table_is_read_with_the_same_checks() -> None:
    table = {"guests": ["Ann"], "salt": 0.25, "steps": "cut"}
    assert read_table(SoupOptions, table, "x.toml: [soup]") == SoupOptions(
        ("Ann",), salt=0.25, steps=("cut",)
    )
    for wrong, sentence in (
        ({"plates": "3"}, "x.toml: [soup] plates: expected a whole number, found '3'"),
        ({"plate": 3}, "did you mean 'plates'?"),
        ({"plates": 0}, "--plates: expected 1 to 20, found 0"),
        ({"guests": "Ann"}, "x.toml: [soup] guests: expected a list, each a text"),
        ({"lid": 1}, "x.toml: [soup] lid: expected a flag"),
    ):
        with pytest.raises(UserError) as error:
            read_table(SoupOptions, wrong, "x.toml: [soup]")
        assert sentence in str(error.value)


def test_executor_and_scheduler_go_together(kitchen: Kitchen) -> None:
    done = kitchen.cook("--executor", "dask")
    assert isinstance(done.exception, UserError)
    assert "--scheduler with it" in str(done.exception)


# --- choices of a table ---

BREADS = {"rye": 1, "wheat": 2}


@dataclass(frozen=True)
class BreadOptions:
    command: ClassVar[str] = "bread"

    flour: Annotated[str, Choices(tuple(BREADS))] = "rye"
    """Flour."""

    second: Annotated[str, Choices(tuple(BREADS))] | None = None
    """Second flour."""

    def __post_init__(self) -> None:
        check_options(self)


def test_choices_are_the_names_in_a_table() -> None:
    app = command_app()
    command(app, "bread", BreadOptions, ())(lambda *_: Outcome("bread", {}, [], {}))
    assert "<rye|wheat>" in CliRunner().invoke(app, ["--help"]).output
    assert CliRunner().invoke(app, ["--flour", "wheat", "--second", "rye"]).exit_code == 0
    assert CliRunner().invoke(app, ["--second", "oats"]).exit_code == 2
    assert BreadOptions().second is None
    for wrong in ({"flour": "oats"}, {"second": "oats"}):
        with pytest.raises(UserError, match="expected one of rye, wheat, found oats"):
            BreadOptions(**wrong)
