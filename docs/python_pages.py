"""Pages of the Python interface, from docstrings: what packages name in `__all__`, and a function
for each command."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from dataclasses import MISSING, fields, is_dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import PurePath
from typing import Any, ForwardRef, cast

from command_pages import cell
from typer.models import ParameterInfo

from trashdata.cli import COMMANDS
from trashdata.options.docstrings import field_docs
from trashdata.options.limits import Hint, hints_of

# Packages with a page of their own; `nav` in mkdocs.yml lists the same. What any other package that
# holds a command's function names in `__all__` stands on the page of all functions.
PACKAGES = {
    "trashdata.splitting": "Folds",
    "trashdata.copy_paste": "Copy-Paste and oversampling",
    "trashdata.pseudo_label": "Pseudo-labels",
    "trashdata.train": "Training",
    "trashdata.coco": "COCO files",
    "trashdata.masks": "Label maps",
    "trashdata.mask_codec": "Mask codec",
    "trashdata.statistics": "Statistics",
    "trashdata.inference": "Models",
}
# In modules of their own: what functions take and give back.
SHARED = {
    "trashdata.outcome": ("Outcome",),
    "trashdata.errors": ("UserError",),
    "trashdata.console": ("Reporter",),
    "trashdata.paths": ("DataFolders",),
}
_HEADING = re.compile(r"(?m)^([A-Z][A-Za-z ]+)\n-{3,}\n")
_ITEM = re.compile(r"^(\S.*?) : (.*)$")
_LISTS = ("Parameters", "Raises", "See Also", "Attributes")


def python_pages() -> dict[str, str]:
    """Markdown by file name."""
    pages = {f"{_slug(package)}.md": package_page(package) for package in PACKAGES}
    return {"index.md": _index(), "commands.md": _commands_page(), **pages}


def command_functions() -> dict[str, Callable[..., Any]]:
    """The function behind each command that has one."""
    found = {name: _function_of(name, app.split(":")[0]) for name, app in COMMANDS.items()}
    return {name: function for name, function in found.items() if function is not None}


def _function_of(command: str, module: str) -> Callable[..., Any] | None:
    """From a package that is named after the command, else from one of `PACKAGES`, else from the
    command's module."""
    name = command.replace("-", "_")
    if find_spec(f"trashdata.{name}") is not None:
        for function in _outcome_functions(f"trashdata.{name}"):
            return function
    for package in PACKAGES:
        if name in import_module(package).__all__:
            return cast("Callable[..., Any]", getattr(import_module(package), name))
    for function in vars(import_module(module)).values():
        defined_here = inspect.isfunction(function) and function.__module__ == module
        if defined_here and function.__name__[0] != "_" and _returns_outcome(function):
            return cast("Callable[..., Any]", function)
    return None


def _outcome_functions(package: str) -> list[Callable[..., Any]]:
    """The public functions of a package that return an `Outcome`."""
    module = import_module(package)
    things = [getattr(module, name) for name in getattr(module, "__all__", ())]
    return [thing for thing in things if inspect.isfunction(thing) and _returns_outcome(thing)]


def package_page(package: str) -> str:
    """All public names of a package."""
    module = import_module(package)
    names = sorted(module.__all__, key=lambda name: (name[0].isupper(), name))
    parts = [f"# {PACKAGES[package]}", f"`{package}`: {_prose(inspect.getdoc(module) or '')}"]
    return "\n\n".join([*parts, *(_entry(getattr(module, n), n) for n in names)]) + "\n"


def _index() -> str:
    rows = [f"- [{title}]({_slug(package)}.md): `{package}`" for package, title in PACKAGES.items()]
    shared = [
        _entry(getattr(import_module(module), name), name, module)
        for module, names in SHARED.items()
        for name in names
    ]
    parts = [
        "# From Python",
        "A command is a function; the command line only parses and prints. Functions take the data"
        " folder and options, raise `UserError` for what the user can fix, and return an"
        " `Outcome`. Heavy libraries are imported on first use.",
        "\n".join(["- [One function a command](commands.md): `trashdata.commands`", *rows]),
        "## What they share",
        *shared,
    ]
    return "\n\n".join(parts) + "\n"


def _commands_page() -> str:
    rows, entries = [], []
    for command, function in command_functions().items():
        module, name = function.__module__, function.__name__
        # The innermost, if one is inside another.
        package = max((p for p in PACKAGES if module.startswith(f"{p}.")), key=len, default="")
        page = f"{_slug(package)}.md#{name}" if package else f"#{name}"
        source = package or _importable(module, name)
        link = f"../commands/{command}.md"
        rows.append(f"| [{command}]({link}) | [`{name}`]({page}) | `{source}` |")
        if not package:
            entries.append(_entry(function, name, source))
            entries += _options_entries(source)
    table = "\n".join(["| Command | Function | Module |", "|---|---|---|", *rows])
    return "\n\n".join(["# One function a command", table, *entries]) + "\n"


def _importable(module: str, name: str) -> str:
    """The package that names a function in `__all__`, else the module that defines it."""
    package = module.rpartition(".")[0]
    return package if name in getattr(import_module(package), "__all__", ()) else module


def _options_entries(package: str) -> list[str]:
    """Entries of the options that a package names beside a command's function."""
    module = import_module(package)
    names = [name for name in getattr(module, "__all__", ()) if name.endswith("Options")]
    return [_entry(getattr(module, name), name, package) for name in names]


def _entry(thing: Any, name: str, module: str = "") -> str:
    """Heading, signature and docstring of a function, a class or a constant."""
    if not callable(thing):
        return f"### {name}\n\n```python\n{name} = {thing!r}\n```"
    origin = f"from {module} import {name}\n\n" if module else ""
    signature = f"class {name}(...)" if _is_options(thing) else _signature(thing, name)
    parts = [f"### {name}", f"```python\n{origin}{signature}\n```"]
    parts.append(docstring(inspect.getdoc(thing) or ""))
    if inspect.isclass(thing):
        parts += _fields(thing) if _is_options(thing) else []
        parts += _members(thing)
    return "\n\n".join(part for part in parts if part)


def _is_options(thing: Any) -> bool:
    """Whether it is a dataclass of options, with a docstring under each field."""
    return inspect.isclass(thing) and is_dataclass(thing) and bool(field_docs(thing))


def _fields(kind: Any) -> list[str]:
    """A table of a dataclass's fields: type, default, docstring."""
    docs, hints = field_docs(kind), hints_of(kind)
    rows = ["| | Type | Default | |", "|---|---|---|---|"]
    for field in fields(kind):
        hint = hints[field.name]
        type_name = cell(_type(hint.kind) + (" | None" if hint.optional else ""))
        default = "required" if field.default is MISSING else f"`{cell(repr(field.default))}`"
        text = cell(docs.get(field.name) or _help_of(hint))
        rows.append(f"| `{field.name}` | `{type_name}` | {default} | {text} |")
    return ["\n".join(rows)]


def _help_of(hint: Hint) -> str:
    info = hint.note(ParameterInfo)
    return (info.help if info is not None else None) or ""


def _members(kind: type) -> list[str]:
    rows = []
    for name, member in vars(kind).items():
        function = member.fget if isinstance(member, property) else member
        function = getattr(function, "func", function)
        function = getattr(function, "__func__", function)
        if name.startswith("_") or not inspect.isfunction(function) or not function.__doc__:
            continue
        call = "" if member is not function else "()"
        rows.append(
            f"- **`{name}{call}`** {docstring(inspect.getdoc(function) or '', nested=True)}"
        )
    return ["\n".join(rows)] if rows else []


def _signature(thing: Any, name: str) -> str:
    try:
        parameters = list(inspect.signature(thing).parameters.values())
    except ValueError:
        return name
    opening = f"class {name}" if inspect.isclass(thing) else f"def {name}"
    texts = []
    for parameter in parameters:
        if parameter.kind is parameter.KEYWORD_ONLY and "*" not in texts:
            texts.append("*")
        texts.append(_parameter(parameter))
    returns = getattr(thing, "__annotations__", {}).get("return")
    arrow = f" -> {_type(returns)}" if returns and not inspect.isclass(thing) else ""
    line = f"{opening}({', '.join(texts)}){arrow}"
    if len(line) <= 88:
        return line
    return "\n".join([f"{opening}(", *(f"    {text}," for text in texts), f"){arrow}"])


def _parameter(parameter: inspect.Parameter) -> str:
    empty = inspect.Parameter.empty
    kind = "" if parameter.annotation is empty else f": {_type(parameter.annotation)}"
    if parameter.default is empty:
        return f"{parameter.name}{kind}"
    default = parameter.default
    shown = f"Path({str(default)!r})" if isinstance(default, PurePath) else repr(default)
    shown = "..." if shown.startswith("<") else shown
    return f"{parameter.name}{kind} = {shown}".replace('"', "'")


def _type(annotation: Any) -> str:
    if isinstance(annotation, ForwardRef):  # of a field of a NamedTuple
        annotation = annotation.__forward_arg__
    return annotation if isinstance(annotation, str) else inspect.formatannotation(annotation)


def docstring(text: str, *, nested: bool = False) -> str:
    """A docstring's Markdown: sections as bold words, ``name : text`` as lists, doctests fenced."""
    before, *sections = _HEADING.split(text)
    parts = [_prose(before)]
    for title, body in zip(sections[::2], sections[1::2], strict=True):
        content = _items(body) if title in _LISTS else _prose(body)
        parts.append(f"**{title}**\n\n{content}")
    whole = "\n\n".join(part for part in parts if part)
    return whole.replace("\n", "\n  ") if nested else whole


def _items(body: str) -> str:
    rows: list[str] = []
    for line in body.strip("\n").splitlines():
        found = _ITEM.match(line)
        if found:
            rows.append(f"- `{found[1]}`: {found[2]}")
        elif rows:
            rows[-1] += f" {line.strip()}" if line.strip() else ""
        else:
            rows.append(line)
    return "\n".join(rows)


def _prose(text: str) -> str:
    """Paragraphs as they are, those that begin with a prompt as code."""
    text = re.sub(r":[a-z]+:(`[^`]+`)", r"\1", text.strip())
    parts = []
    for paragraph in re.split(r"\n\s*\n", text):
        if paragraph.lstrip().startswith(">>>"):
            parts.append(f"```pycon\n{inspect.cleandoc(paragraph)}\n```")
        else:
            parts.append(" ".join(line.strip() for line in paragraph.splitlines()))
    return "\n\n".join(parts)


def _returns_outcome(function: Callable[..., Any]) -> bool:
    return str(function.__annotations__.get("return")) == "Outcome"


def _slug(package: str) -> str:
    return package.removeprefix("trashdata.").replace(".", "_")
