"""Docstrings under the fields of a class, which are the help of its options."""

from __future__ import annotations

import ast
import inspect
import sys
from functools import cache
from typing import Any


def field_docs(cls: type[Any]) -> dict[str, str]:
    """The docstring under each field, by name; a subclass overrides its base."""
    docs: dict[str, str] = {}
    for base in reversed(cls.__mro__[:-1]):
        docs |= _docs_in_module(base.__module__).get(base.__qualname__, {})
    return docs


def first_paragraph(text: str) -> str:
    """The text up to the first empty line, on one line."""
    return " ".join(text.partition("\n\n")[0].split())


@cache
def _docs_in_module(name: str) -> dict[str, dict[str, str]]:
    """The docstrings under the fields of a module's classes; empty without the source."""
    module = sys.modules[name]
    try:
        tree = ast.parse(inspect.getsource(module))
    except (OSError, TypeError):
        return {}
    return {node.name: _docs_of(node) for node in tree.body if isinstance(node, ast.ClassDef)}


def _docs_of(cls: ast.ClassDef) -> dict[str, str]:
    docs = {}
    for field, below in zip(cls.body, cls.body[1:], strict=False):
        if (
            isinstance(field, ast.AnnAssign)
            and isinstance(field.target, ast.Name)
            and isinstance(below, ast.Expr)
            and isinstance(below.value, ast.Constant)
            and isinstance(below.value.value, str)
        ):
            docs[field.target.id] = inspect.cleandoc(below.value.value)
    return docs
