"""Which file of the product imports which, read from the source; shortest circles in a graph.

What counts: every import statement, inside functions and under ``if TYPE_CHECKING:`` as well,
since a reader has to know the other file either way. ``from package import name`` leads to
``name.py`` where that is a file, else to the package's ``__init__.py``. What does not count: that
Python runs the ``__init__.py`` of the parents on the way, and modules named in strings (the table
of commands, `trashdata.lazy.exports`).
"""

from __future__ import annotations

import ast
from collections import deque
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

HUB = "trashdata"
SPOKES = ("copy_paste", "pseudo_label", "splitting", "train")
PRODUCT = (HUB, *SPOKES)

# A file or folder, by its parts below the package `trashdata`, which spokes belong to as well.
Node = tuple[str, ...]
# For each node those that it imports, with one import that shows it.
Graph = dict[Node, dict[Node, "Import"]]


@dataclass(frozen=True)
class Import:
    """An import statement: the file and line that it stands in, the file that it leads to."""

    source: Node
    line: int
    target: Node

    def __str__(self) -> str:
        return f"{shown(self.source)}:{self.line} imports {shown(self.target)}"


def shown(node: Node) -> str:
    """The path from the repository's root."""
    return "/".join(node if node and node[0] in SPOKES else (HUB, *node))


def read_imports(root: Path) -> list[Import]:
    """Every import of a file of the product by another one, below the repository's root."""
    paths = [path for top in PRODUCT for path in sorted((root / top).rglob("*.py"))]
    texts = {_node(path.relative_to(root)): path.read_text(encoding="utf-8") for path in paths}
    return imports_of(texts)


def _node(path: Path) -> Node:
    return path.parts if path.parts[0] in SPOKES else path.parts[1:]


def imports_of(texts: Mapping[Node, str]) -> list[Import]:
    """The same for the texts of files."""
    found = (
        Import(source, statement.lineno, target)
        for source, text in texts.items()
        for statement in ast.walk(ast.parse(text))
        if isinstance(statement, ast.Import | ast.ImportFrom)
        for names in _imported(statement, source)
        for target in _file(names, texts)
        if target != source
    )
    # A statement that imports two names of one file is one import.
    return list(dict.fromkeys(found))


def _imported(statement: ast.Import | ast.ImportFrom, source: Node) -> Iterator[Node]:
    """What a statement imports, as parts of dotted names below the package."""
    if isinstance(statement, ast.Import):
        names = [tuple(alias.name.split(".")) for alias in statement.names]
    else:
        module = tuple(statement.module.split(".")) if statement.module else ()
        if statement.level:
            module = (HUB, *source[: len(source) - statement.level], *module)
        names = [(*module, alias.name) for alias in statement.names]
    for one in names:
        if one[0] == HUB:
            yield one[1:]
        elif one[0] in SPOKES:  # type checkers know spokes by the names of their folders
            yield one


def _file(names: Node, files: Container[Node]) -> list[Node]:
    """The file that names lead to, if there is one; the last of them may be something in it."""
    modules = [names, names[:-1]] if names else [names]
    candidates = [
        file
        for module in modules
        for file in ((*module[:-1], f"{module[-1]}.py") if module else (), (*module, "__init__.py"))
    ]
    return [file for file in candidates if file in files][:1]


def file_graph(imports: Iterable[Import]) -> Graph:
    """Files, and which they import."""
    return _graph((one.source, one.target, one) for one in imports)


def sibling_graphs(imports: Iterable[Import]) -> dict[Node, Graph]:
    """For each folder what is directly in it, and which of these import each other.

    A folder stands for all that is below it, so an import counts in the one graph in which its
    two files are in different siblings. A package's plain files are siblings of its subpackages:
    stages may import ``options.py`` beside them, and ``run.py`` the stages, but not both ways.
    """
    graphs: dict[Node, list[tuple[Node, Node, Import]]] = {}
    for one in imports:
        parts = zip(one.source, one.target, strict=False)
        depth = next(k for k, (a, b) in enumerate(parts) if a != b)
        edge = one.source[: depth + 1], one.target[: depth + 1], one
        graphs.setdefault(one.source[:depth], []).append(edge)
    return {folder: _graph(edges) for folder, edges in graphs.items()}


def _graph(edges: Iterable[tuple[Node, Node, Import]]) -> Graph:
    graph: Graph = {}
    for source, target, one in edges:
        graph.setdefault(source, {}).setdefault(target, one)
    return graph


def shortest_circles(graph: Graph) -> list[list[Import]]:
    """The shortest circle through each import that is part of one, each circle once."""
    circles: dict[frozenset[Import], list[Import]] = {}
    for source, targets in graph.items():
        for target in targets:
            way = _shortest_way(graph, target, source)
            if way is not None:
                circle = [graph[a][b] for a, b in pairwise([source, *way])]
                circles.setdefault(frozenset(circle), circle)
    return sorted(circles.values(), key=len)


def _shortest_way(graph: Graph, start: Node, end: Node) -> list[Node] | None:
    ways = {start: [start]}
    waiting = deque([start])
    while waiting:
        node = waiting.popleft()
        if node == end:
            return ways[node]
        for following in graph.get(node, {}):
            if following not in ways:
                ways[following] = [*ways[node], following]
                waiting.append(following)
    return None


def told(circles: Iterable[Iterable[Import]]) -> str:
    """Circles as text: one import a line, an empty line between circles.

    The import that leads from one folder to the next need not be in the file that the one before
    led to: all files of a folder stand for it.
    """
    return "\n\n".join("\n".join(map(str, circle)) for circle in circles)
