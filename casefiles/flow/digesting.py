"""What the rules are, as one digest that every entry of the log names: what they say and do, not what they are called.

A function counts by its body: with what it calls and refers to in this project, and what it closes over. Its own name,
its docstring, its types and the comments do not count, so that a renamed guard is no new law, and an edited one is.
docs/adr/0021 says why.
"""

from __future__ import annotations

import ast
import builtins
import datetime as dt
import enum
import hashlib
import inspect
import re
import sys
from collections.abc import Mapping, Set
from dataclasses import fields, is_dataclass
from functools import cache
from types import BuiltinFunctionType, CellType, CodeType, FunctionType, ModuleType
from typing import Any

# Bodies of these packages are rules. What the standard library does is not ours to state.
OURS = ("casefiles.", "audit.")


def digest(parts: tuple[Any, ...]) -> str:
    """SHA-256 of these parts of the table: rows, orders, plain values, and functions by their bodies."""
    reader = _Reader()
    return hashlib.sha256("\n".join(reader.spelled(part) for part in parts).encode()).hexdigest()


# How a row reads is not what it says; what it takes is told by the contract of the API.
_HOW_IT_READS = frozenset({"title_id", "title_en", "announces", "takes"})


def of_row(row: Any) -> tuple[tuple[str, Any], ...]:
    """What a row says, by its fields."""
    return tuple((one.name, getattr(row, one.name)) for one in fields(row) if one.name not in _HOW_IT_READS)


_PLAIN = (str, bytes, int, float, dt.date, dt.timedelta, type(None))


class _Reader:
    """Spells values in words that stay the same from one process, and one version of Python, to the next."""

    def __init__(self) -> None:
        self._bodies: dict[tuple[CodeType, tuple[int, ...]], str] = {}
        self._values: dict[int, tuple[Any, str]] = {}
        self._open: list[CodeType] = []

    def spelled(self, value: Any) -> str:
        """The value in words."""
        if isinstance(value, FunctionType):
            return self._function(value)
        if isinstance(value, enum.Enum):
            return f"{type(value).__name__}.{value.name}"
        if isinstance(value, Mapping):
            return (
                "{" + ",".join(sorted(f"{self.spelled(key)}:{self.spelled(held)}" for key, held in value.items())) + "}"
            )
        if isinstance(value, Set):
            return "{" + ",".join(sorted(map(self.spelled, value))) + "}"
        if isinstance(value, (tuple, list)):
            return "(" + ",".join(map(self.spelled, value)) + ")"
        if isinstance(value, re.Pattern):
            return f"re({value.pattern!r})"
        if is_dataclass(value) and not isinstance(value, type):
            return type(value).__name__ + self.spelled({one.name: getattr(value, one.name) for one in fields(value)})
        if inspect.isroutine(value) or isinstance(value, (type, ModuleType)):
            wrapped = getattr(value, "__wrapped__", None)
            return self.spelled(wrapped) if wrapped is not None else str(getattr(value, "__name__", value))
        wrapped = getattr(value, "__wrapped__", None)  # a cached function
        if wrapped is not None:
            return self.spelled(wrapped)
        # Of anything else the name: what its `repr` says may differ from one process or version to the next.
        return repr(value) if isinstance(value, _PLAIN) else str(getattr(value, "_name", None) or type(value).__name__)

    def _function(self, function: FunctionType) -> str:
        # Not `__module__`, which `wraps` takes from another function.
        module = str(function.__globals__["__name__"])
        if not f"{module}.".startswith(OURS):
            return f"{module}.{function.__qualname__}"
        code = function.__code__
        if code in self._open:
            return f"again({len(self._open) - self._open.index(code)})"
        key = (code, tuple(map(id, function.__closure__ or ())))
        if key not in self._bodies:
            self._open.append(code)
            said = "|".join(self._dumped(node, function) for node in _nodes(function))
            self._open.pop()
            self._bodies[key] = hashlib.sha256(said.encode()).hexdigest()
        return self._bodies[key]

    def _dumped(self, node: ast.AST, function: FunctionType) -> str:
        cells = dict(zip(function.__code__.co_freevars, function.__closure__ or (), strict=True))
        own = _bound_in(node) - set(cells)

        words: list[str] = []

        def say(part: Any, *, top: bool = False) -> None:
            if isinstance(part, list):
                for one in part:
                    say(one)
            elif not isinstance(part, ast.AST):
                words.append(repr(part))
            elif (meant := _meant(part, function, cells, own)) is not None:
                words.append(f"<{self._known(meant[0])}>")
            else:
                words.append(type(part).__name__ + "(")
                for name in part._fields:
                    value = getattr(part, name, None)
                    if value is None or value == [] or name in _UNSAID or (top and name == "name"):
                        continue
                    words.append(name + "=")
                    say(_without_docstring(value) if name == "body" else value)
                words.append(")")

        say(node, top=True)
        return "".join(words)

    def _known(self, value: Any) -> str:
        """Spelled once, as many functions refer to the same tables; functions say themselves where they stand."""
        if isinstance(value, FunctionType):
            return self.spelled(value)
        if id(value) not in self._values:
            said = self.spelled(value)
            self._values[id(value)] = (value, hashlib.sha256(said.encode()).hexdigest() if len(said) > 64 else said)
        return self._values[id(value)][1]


# Types, decorators (they keep or name a result) and what only some versions of Python write down.
_UNSAID = frozenset({"annotation", "returns", "decorator_list", "type_comment", "type_params", "kind", "ctx"})


def _meant(node: ast.AST, function: FunctionType, cells: Mapping[str, CellType], own: Set[str]) -> tuple[Any] | None:
    """The value that a name outside of the function means, in a tuple; none where the name is its own."""
    if isinstance(node, ast.Attribute):
        owner = _meant(node.value, function, cells, own)
        if owner is None or not isinstance(owner[0], ModuleType):
            return None
        return (getattr(owner[0], node.attr),) if hasattr(owner[0], node.attr) else None
    if not isinstance(node, ast.Name) or node.id in own:
        return None
    if node.id in cells:
        try:
            return (cells[node.id].cell_contents,)
        except ValueError:
            return None
    if node.id in function.__globals__:
        value = function.__globals__[node.id]
        # What a module keeps while it runs is no rule; tables are written in capitals.
        return None if isinstance(value, (dict, list, set)) and not node.id.isupper() else (value,)
    return (getattr(builtins, node.id),) if _is_builtin(node.id) else None


def _bound_in(node: ast.AST) -> frozenset[str]:
    """The names that a function gives itself, those of what is defined within it included."""
    names: set[str] = set()
    for part in ast.walk(node):
        match part:
            case ast.Name(id=name, ctx=ast.Store() | ast.Del()) | ast.arg(arg=name):
                names.add(name)
            case ast.FunctionDef(name=name) if part is not node:
                names.add(name)
            case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
                names.add(name)
    return frozenset(names)


def _is_builtin(name: str) -> bool:
    return isinstance(getattr(builtins, name, None), (BuiltinFunctionType, type))


def _without_docstring(body: Any) -> Any:
    if not isinstance(body, list) or not body:
        return body
    first = body[0]
    is_docstring = (
        isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str)
    )
    return body[1:] if is_docstring else body


def _nodes(function: FunctionType) -> list[ast.AST]:
    """Where the function stands in its source; several where lambdas share a line."""
    first = function.__code__.co_firstlineno
    found = _functions(str(function.__globals__["__name__"])).get((function.__code__.co_name == "<lambda>", first), [])
    if not found:
        raise LookupError(f"{function.__module__}.{function.__qualname__} is not in its source at line {first}")
    return found


@cache
def _functions(module: str) -> Mapping[tuple[bool, int], list[ast.AST]]:
    """The functions and lambdas of a module, by their first line, decorators included."""
    found: dict[tuple[bool, int], list[ast.AST]] = {}
    for node in ast.walk(ast.parse(inspect.getsource(sys.modules[module]))):
        if isinstance(node, ast.Lambda):
            found.setdefault((True, node.lineno), []).append(node)
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            first = min([node.lineno, *(one.lineno for one in node.decorator_list)])
            found.setdefault((False, first), []).append(node)
    return found
