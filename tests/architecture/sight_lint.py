"""Finds every read of a casefile's tables that does not begin at the caller's sight, by file and function."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

# A casefile, and what hangs on it: content, steps, referrals, documents, who sees it, and its finding.
MODELS = frozenset(
    {
        "Attachment",
        "Casefile",
        "CasefileGrant",
        "Document",
        "Finding",
        "HistoricalCasefile",
        "LiveGrant",
        "Payload",
        "Referral",
        "Transition",
    }
)
TABLES = re.compile(rf"\b(?:FROM|JOIN)\s+casefiles_(?:{'|'.join(sorted(map(str.lower, MODELS)))})\b", re.I)
# Where a read may begin, and what reads nothing.
BEGINS = frozenset({"visible_to", "visible_in_parts", "seen_by"})
WRITES = frozenset({"create", "bulk_create"})
MANAGERS = frozenset({"objects", "history", "_base_manager", "_default_manager"})
# What hangs on a row that is at hand, read through it.
REVERSE = frozenset(
    {"attachments", "casefiles", "grants", "history", "live_grants", "payloads", "referrals", "transitions"}
)
ASKS = frozenset(
    {"all", "count", "exclude", "exists", "filter", "first", "get", "iterator", "last", "order_by", "select_related",
     "values", "values_list"}
)  # fmt: skip


def reads(path: Path) -> set[str]:
    """The functions, methods and constants of that file which read a casefile's tables past sight."""
    return {place for place, _ in found(ast.parse(path.read_text(encoding="utf-8")))}


def found(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """Each such read: in which function or constant, on which line."""
    for place, node, parent in _walked(tree, None, ()):
        if (
            _is_manager(node) and not (isinstance(parent, ast.Attribute) and parent.attr in BEGINS | WRITES)
        ) or _asks_the_row(node):
            yield place, getattr(node, "lineno", 0)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and TABLES.search(node.value):
            yield place, node.lineno


def _is_manager(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Attribute)
        and node.attr in MANAGERS
        and isinstance(node.value, ast.Name)
        and node.value.id in MODELS
    )


def _asks_the_row(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Attribute)
        and node.attr in ASKS
        and isinstance(node.value, ast.Attribute)
        and node.value.attr in REVERSE
    )


def _walked(
    node: ast.AST, parent: ast.AST | None, names: tuple[str, ...]
) -> Iterator[tuple[str, ast.AST, ast.AST | None]]:
    match node:
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            names = (*names, name)
        case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)) if not names:
            names = (name,)
    yield ".".join(names), node, parent
    docstring = _docstring(node)
    for child in ast.iter_child_nodes(node):
        if child is not docstring:
            yield from _walked(child, node, names)


def _docstring(node: ast.AST) -> ast.AST | None:
    if isinstance(node, (ast.Module, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)) and node.body:
        first = node.body[0]
        if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
            return first
    return None
