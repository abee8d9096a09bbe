"""Compares a value with a shape of botocore's service model: members, types, enums, patterns, lengths, ranges.

botocore itself checks only part of this before it sends a request, and nothing of it in an answer.
"""
import base64
import binascii
import datetime
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import regex
from botocore.model import Shape


@dataclass(frozen=True)
class Finding:
    """One thing that is not as the model has it. A warning is told, but fails nothing."""

    path: str
    text: str
    warning: bool = False


# Values that AWS uses although the enum does not have them: (shape, value) and why.
KNOWN_VALUES = {
    ("ResourceType", "AWS::SageMaker::NotebookInstance"):
        "AWS Config records it, and says so in its developer guide and in the API reference of ConfigurationItem",
} | {
    ("ResourceStatus", status): "an event of the stack itself has the status of stacks"
    for status in ("REVIEW_IN_PROGRESS", "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS",
                   "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS")
}

# The year 2100 in epoch seconds: milliseconds, sent by mistake, are far beyond.
LATEST = 4_102_444_800


def findings(shape: Shape, value: Any, path: str = "") -> Iterator[Finding]:
    """Everything about a value that is not as its shape says. A member that is null counts as absent."""
    check = {
        "structure": _structure, "list": _list, "map": _map, "string": _string, "character": _string,
        "integer": _integer, "long": _integer, "float": _float, "double": _float, "boolean": _boolean,
        "timestamp": _timestamp, "blob": _blob,
    }.get(shape.type_name)
    if check is None:
        yield Finding(path, f"this check knows no {shape.type_name}")
    else:
        yield from check(shape, value, path)


def _wrong_type(shape: Shape, value: Any, path: str) -> Finding:
    shown = f"{value!r}"
    return Finding(path, f"{shown[:60]} is not of type {shape.type_name}")


def _structure(shape: Any, value: Any, path: str) -> Iterator[Finding]:
    if not isinstance(value, dict):
        yield _wrong_type(shape, value, path)
        return
    by_wire_name = {member.serialization.get("name", name): (name, member) for name, member in shape.members.items()}
    present = {by_wire_name[name][0] for name, member in value.items() if name in by_wire_name and member is not None}
    for name in shape.required_members:
        if name not in present:
            yield Finding(_joined(path, name), "required, but missing")
    if getattr(shape, "is_tagged_union", False) and len(present) != 1:
        yield Finding(path, f"a union has exactly one member, not {len(present)}")
    for name, member in value.items():
        if name not in by_wire_name:
            yield Finding(_joined(path, name), f"{shape.name} has no such member")
        elif member is not None:
            yield from findings(by_wire_name[name][1], member, _joined(path, name))


def _list(shape: Any, value: Any, path: str) -> Iterator[Finding]:
    if not isinstance(value, list):
        yield _wrong_type(shape, value, path)
        return
    yield from _bounds(shape, len(value), "entries", path)
    for at, entry in enumerate(value):
        yield from findings(shape.member, entry, f"{path}[{at}]")


def _map(shape: Any, value: Any, path: str) -> Iterator[Finding]:
    if not isinstance(value, dict):
        yield _wrong_type(shape, value, path)
        return
    yield from _bounds(shape, len(value), "entries", path)
    for key, entry in value.items():
        yield from findings(shape.key, key, f"{path}.<key>")
        yield from findings(shape.value, entry, f"{path}[{key!r}]")


def _string(shape: Any, value: Any, path: str) -> Iterator[Finding]:
    if not isinstance(value, str):
        yield _wrong_type(shape, value, path)
        return
    if shape.enum and value not in shape.enum:
        reason = KNOWN_VALUES.get((shape.name, value))
        said = f"{value!r} is not in the enum {shape.name}"
        yield Finding(path, said + (f" ({reason})" if reason else ""), warning=reason is not None)
    # AWS's services are written in Java, which counts UTF-16 code units.
    yield from _bounds(shape, len(value.encode("utf-16-le", "surrogatepass")) // 2, "characters", path)
    pattern = shape.metadata.get("pattern")
    if pattern and not _compiled(pattern).fullmatch(value):
        yield Finding(path, f"{value[:60]!r} does not match {pattern}")


@cache
def _compiled(pattern: str) -> Any:
    # In Java \d and \w are ASCII; \p{L} and the like are Unicode all the same.
    return regex.compile(pattern, regex.ASCII | regex.VERSION0)


def _integer(shape: Any, value: Any, path: str) -> Iterator[Finding]:
    if isinstance(value, bool) or not isinstance(value, int):
        yield _wrong_type(shape, value, path)
    else:
        yield from _bounds(shape, value, "", path)


def _float(shape: Any, value: Any, path: str) -> Iterator[Finding]:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        yield _wrong_type(shape, value, path)
    else:
        yield from _bounds(shape, value, "", path)


def _boolean(shape: Any, value: Any, path: str) -> Iterator[Finding]:
    if not isinstance(value, bool):
        yield _wrong_type(shape, value, path)


def _timestamp(shape: Any, value: Any, path: str) -> Iterator[Finding]:
    """Epoch seconds, or a moment that the XML and form readers have made of text."""
    if isinstance(value, datetime.datetime):
        value = value.timestamp()
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        yield _wrong_type(shape, value, path)
    elif not 0 <= value < LATEST:
        yield Finding(path, f"{value} is no time in epoch seconds")


def _blob(shape: Any, value: Any, path: str) -> Iterator[Finding]:
    try:
        size = len(base64.b64decode(value, validate=True))
    except (binascii.Error, TypeError, ValueError):
        yield _wrong_type(shape, value, path)
    else:
        yield from _bounds(shape, size, "bytes", path)


def _bounds(shape: Any, size: float, unit: str, path: str) -> Iterator[Finding]:
    low, high = shape.metadata.get("min"), shape.metadata.get("max")
    if low is not None and size < low:
        yield Finding(path, f"{size} {unit}".strip() + f", at least {low} wanted")
    if high is not None and size > high:
        yield Finding(path, f"{size} {unit}".strip() + f", at most {high} allowed")


def _joined(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name
