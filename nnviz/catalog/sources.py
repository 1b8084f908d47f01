"""Functions as text for a script, with everything at the top of their files that they name."""

from __future__ import annotations

import ast
import builtins
import copy
import inspect
import symtable
import sys
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from itertools import accumulate
from types import ModuleType
from typing import Any

from nnviz.catalog.calls import Call

_PACKAGE = "nnviz"
_CACHES = ("cache", "lru_cache")


class Definitions:
    """Imports and definitions that a script needs, each once, in order of need.

    Functions of this package are written out, without annotations and caches; what comes from
    elsewhere is imported. Raises TypeError for a name that is bound in no way of these.
    """

    def __init__(self) -> None:
        self.imports: dict[str, None] = {}
        self.texts: dict[str, str] = {}
        self._owners: dict[str, str] = {}

    def source_of(self, call: Call, *more: str, **also: str) -> str:
        """`call.source` of these texts; what it calls is added."""
        for function in call.own_functions:
            self.add(function)
        return call.source(*more, **also)

    def add(self, function: Callable[..., Any]) -> None:
        """A function defined by `def` at the top of its file, after all that it needs."""
        self._add(sys.modules[function.__module__], function.__name__)

    def _add(self, module: ModuleType, name: str) -> None:
        if self._owners.get(name) == module.__name__:
            return
        match _statements(module).get(name):
            case ast.Import() | ast.ImportFrom() as found:
                self._import(found, name)
            case ast.FunctionDef() | ast.ClassDef() | ast.Assign() | ast.AnnAssign() as found:
                self._define(module, name, found)
            case None if hasattr(builtins, name):
                return
            case _:
                raise TypeError(f"{name} of {module.__name__} can't be written into a script")

    def _import(self, found: ast.Import | ast.ImportFrom, name: str) -> None:
        alias = next(each for each in found.names if (each.asname or each.name) == name)
        if isinstance(found, ast.ImportFrom) and str(found.module).startswith(_PACKAGE):
            self._add(sys.modules[str(found.module)], alias.name)
            return
        self.imports[ast.unparse(_with_names(found, alias))] = None

    def _define(self, module: ModuleType, name: str, found: ast.stmt) -> None:
        if name in self._owners:
            raise TypeError(f"{name} is defined in {self._owners[name]} and {module.__name__}")
        for decorator in getattr(found, "decorator_list", ()):
            if ast.unparse(decorator).partition("(")[0] not in _CACHES:
                raise TypeError(f"the decorator of {name} can't be left out of a script")
        self._owners[name] = module.__name__
        text = _text(module, found)
        for needed in _globals_in(text):
            self._add(module, needed)
        self.texts[name] = text


def _with_names(found: ast.Import | ast.ImportFrom, alias: ast.alias) -> ast.stmt:
    if isinstance(found, ast.Import):
        return ast.Import([alias])
    return ast.ImportFrom(found.module, [alias], found.level)


@lru_cache(maxsize=64)
def _source(module: ModuleType) -> str:
    """The file as it was first read: a later edit must not move the lines under a script."""
    return inspect.getsource(module)


@lru_cache(maxsize=64)
def _statements(module: ModuleType) -> dict[str, ast.stmt]:
    """What binds each name at the top of a module's file."""
    bound: dict[str, ast.stmt] = {}
    for statement in ast.parse(_source(module)).body:
        match statement:
            case ast.Import(names) | ast.ImportFrom(names=names):
                bound |= {alias.asname or alias.name: statement for alias in names}
            case ast.FunctionDef(name) | ast.ClassDef(name):
                bound[name] = statement
            case ast.Assign(targets=[ast.Name(name)]) | ast.AnnAssign(target=ast.Name(name)):
                bound[name] = statement
    return bound


def _text(module: ModuleType, found: ast.stmt) -> str:
    """The statement as it stands in the file, without annotations and decorators."""
    lines = _source(module).encode().splitlines(keepends=True)
    if not isinstance(found, ast.FunctionDef):
        return _bare([found], lines)
    arguments = copy.deepcopy(found.args)
    for node in ast.walk(arguments):
        if isinstance(node, ast.arg):
            node.annotation = None
    return f"def {found.name}({ast.unparse(arguments)}):\n{_bare(found.body, lines)}"


def _bare(statements: Sequence[ast.stmt], lines: Sequence[bytes]) -> str:
    """Successive statements without their annotations, comments between them kept."""
    first, last = statements[0].lineno, statements[-1].end_lineno
    text = b"".join(lines[first - 1 : last])
    starts = [0, *accumulate(map(len, lines[first - 1 : last]))]

    def place(row: int | None, column: int | None) -> int:
        return starts[(row or 0) - first] + (column or 0)

    notes = [note for statement in statements for note in _annotations(statement)]
    for note in sorted(notes, key=lambda note: (note.lineno, note.col_offset), reverse=True):
        start, end = (
            place(note.lineno, note.col_offset),
            place(note.end_lineno, note.end_col_offset),
        )
        before = text[:start].rstrip()  # ends with the ":" or "->" of the annotation
        text = before.removesuffix(b"->").removesuffix(b":").rstrip() + text[end:]
    return text.decode().rstrip()


def _annotations(statement: ast.stmt) -> Iterator[ast.expr]:
    for node in ast.walk(statement):
        if isinstance(node, ast.arg | ast.AnnAssign) and node.annotation:
            yield node.annotation
        elif isinstance(node, ast.FunctionDef) and node.returns:
            yield node.returns


def _globals_in(text: str) -> list[str]:
    """Names that a piece of code takes from around it, in alphabetical order."""

    def names(table: symtable.SymbolTable) -> Iterator[str]:
        for symbol in table.get_symbols():
            top = table.get_type() == "module"
            if symbol.is_global() or (top and not symbol.is_assigned()):
                yield symbol.get_name()
        for child in table.get_children():
            yield from names(child)

    return sorted(set(names(symtable.symtable(text, "<script>", "exec"))))
