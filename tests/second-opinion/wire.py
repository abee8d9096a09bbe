"""Reads forms and XML into plain values, by botocore's service model, and tells what does not fit it.

JSON needs no reader. What comes out has the names that are used on the wire, as JSON has them.
"""
import datetime
from collections import Counter
from collections.abc import Iterable
from typing import Any
from xml.etree import ElementTree

from botocore.model import Shape

from shapes import Finding

Tree = dict[str, Any]
TEXT = ""  # The key, in a tree, of a node's own text: no form field has an empty name.


class FormReader:
    """Reads the fields of a query or EC2 request."""

    def __init__(self, ec2: bool) -> None:
        self.ec2 = ec2
        self.findings: list[Finding] = []

    def read(self, shape: Shape | None, fields: Iterable[tuple[str, str]]) -> Any:
        """The request that the fields hold; `Action` and `Version` are left out."""
        fields = [(name, text) for name, text in fields if name not in ("Action", "Version")]
        for name, count in Counter(name for name, _ in fields).items():
            if count > 1:
                self.findings.append(Finding(name, "sent more than once"))
        tree: Tree = {}
        for name, text in fields:
            node = tree
            for part in name.split("."):
                node = node.setdefault(part, {})
            node[TEXT] = text
        if shape is not None:
            return self._structure(shape, tree, "")
        self.findings += [Finding(name, "the operation has no input") for name in tree]
        return {}

    def _value(self, shape: Any, tree: Tree, path: str) -> Any:
        if shape.type_name == "structure":
            return self._structure(shape, tree, path)
        if shape.type_name == "list":
            return self._list(shape, tree, path)
        if set(tree) != {TEXT}:
            self.findings.append(Finding(path, f"a plain {shape.type_name} is wanted, not {sorted(tree)}"))
        return scalar(shape, tree.get(TEXT, ""))

    def _structure(self, shape: Any, tree: Tree, path: str) -> dict[str, Any]:
        by_key = {self._key(name, member): (name, member) for name, member in shape.members.items()}
        value = {}
        for key, child in tree.items():
            if key in by_key:
                name, member = by_key[key]
                wire_name = member.serialization.get("name", name)
                value[wire_name] = self._value(member, child, f"{path}.{key}".lstrip("."))
            else:
                self.findings.append(Finding(f"{path}.{key}".lstrip("."), f"{shape.name} has no such member"))
        return value

    def _list(self, shape: Any, tree: Tree, path: str) -> list[Any]:
        if not self.ec2 and not shape.serialization.get("flattened"):
            wrapper = shape.member.serialization.get("name", "member")
            if tree.get(TEXT) == "" and len(tree) == 1:
                return []
            if set(tree) != {wrapper}:
                self.findings.append(Finding(path, f"a list is written as {wrapper}.N, not {sorted(tree)}"))
            tree = tree.get(wrapper, {})
        numbers = sorted((key for key in tree if key.isdecimal()), key=int)
        if [int(number) for number in numbers] != list(range(1, len(tree) + 1)):
            self.findings.append(Finding(path, f"entries are numbered from 1 without a gap, not {sorted(tree)}"))
        return [self._value(shape.member, tree[number], f"{path}.{number}") for number in numbers]

    def _key(self, name: str, member: Shape) -> str:
        located = str(member.serialization.get("name", name))
        if not self.ec2:
            return located
        return str(member.serialization.get("queryName") or located[:1].upper() + located[1:])


class XmlReader:
    """Reads the answer of a query or EC2 operation."""

    def __init__(self, ec2: bool) -> None:
        self.ec2 = ec2
        self.findings: list[Finding] = []

    def read(self, shape: Shape | None, wrapper: str | None, operation: str, namespace: str, text: str) -> Any:
        """The output in an answer. `namespace` is the model's."""
        try:
            root = ElementTree.fromstring(text)
        except ElementTree.ParseError as error:
            self.findings.append(Finding("", f"no XML: {error}"))
            return {}
        space, _, tag = root.tag.rpartition("}")
        # EC2's answers have a slash after the namespace of its model.
        if space.lstrip("{").rstrip("/") != namespace.rstrip("/"):
            self.findings.append(Finding("", f"the namespace is {space.lstrip('{')!r}, not {namespace!r}"))
        if tag != f"{operation}Response":
            self.findings.append(Finding("", f"the root is {tag}, not {operation}Response"))
        beside = ["requestId"] if self.ec2 else ["ResponseMetadata"]
        children = {_tag(child): child for child in root}
        self._request_id(children.get(beside[0]))
        body = root
        if wrapper is not None:
            beside.append(wrapper)
            self._unknown("", [tag for tag in children if tag not in beside])
            if wrapper not in children:
                self.findings.append(Finding("", f"there is no {wrapper}"))
                return {}
            body, beside = children[wrapper], []
        if shape is None:
            self._unknown("", [_tag(child) for child in body if _tag(child) not in beside])
            return {}
        return self._structure(shape, [child for child in body if _tag(child) not in beside], "")

    def _request_id(self, element: ElementTree.Element | None) -> None:
        text = "" if element is None else "".join(element.itertext()).strip()
        if not text:
            self.findings.append(Finding("", "there is no request id"))

    def _unknown(self, path: str, tags: Iterable[str]) -> None:
        self.findings += [Finding(f"{path}.{tag}".lstrip("."), "not in the model") for tag in tags]

    def _structure(self, shape: Any, children: Iterable[ElementTree.Element], path: str) -> dict[str, Any]:
        by_tag = {member.serialization.get("name", name): member for name, member in shape.members.items()}
        value: dict[str, Any] = {}
        for child in children:
            tag = _tag(child)
            at = f"{path}.{tag}".lstrip(".")
            member = by_tag.get(tag)
            if member is None:
                self.findings.append(Finding(at, f"{shape.name} has no such member"))
            elif member.type_name == "list" and member.serialization.get("flattened"):
                value.setdefault(tag, []).append(self._value(member.member, child, at))
            elif tag in value:
                self.findings.append(Finding(at, "there twice"))
            else:
                value[tag] = self._value(member, child, at)
        return value

    def _value(self, shape: Any, element: ElementTree.Element, path: str) -> Any:
        if shape.type_name == "structure":
            return self._structure(shape, element, path)
        if shape.type_name == "list":
            name = shape.member.serialization.get("name", "member")
            for child in element:
                if _tag(child) != name:
                    self.findings.append(Finding(path, f"entries are called {name}, not {_tag(child)}"))
            return [self._value(shape.member, child, f"{path}[{at}]") for at, child in enumerate(element)]
        if shape.type_name == "map":
            return self._map(shape, element, path)
        if len(element):
            self.findings.append(Finding(path, f"a plain {shape.type_name} is wanted, not elements"))
        return scalar(shape, element.text or "")

    def _map(self, shape: Any, element: ElementTree.Element, path: str) -> dict[str, Any]:
        value = {}
        for entry in element:
            parts = {_tag(child): child for child in entry}
            if _tag(entry) != "entry" or set(parts) != {"key", "value"}:
                self.findings.append(Finding(path, "a map is written as entries, each with a key and a value"))
                continue
            key = parts["key"].text or ""
            value[key] = self._value(shape.value, parts["value"], f"{path}[{key!r}]")
        return value


def _tag(element: ElementTree.Element) -> str:
    return element.tag.rpartition("}")[2]


def scalar(shape: Shape, text: str) -> Any:
    """Text as its shape wants it, or the text itself if it cannot be: then its type is a finding later."""
    try:
        match shape.type_name:
            case "integer" | "long":
                return int(text)
            case "float" | "double":
                return float(text)
            case "boolean":
                return {"true": True, "false": False}[text]
            case "timestamp":
                return datetime.datetime.fromisoformat(text).astimezone(datetime.UTC)
    except (ValueError, KeyError):
        pass
    return text
