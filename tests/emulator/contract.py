# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The API contract (openapi.yaml, openapi-family.yaml).

Finds the operation of a request, and validates requests and answers.
"""

from __future__ import annotations

import functools
import pathlib
import re
import typing as t
import urllib.parse

import jsonschema
import yaml

from .errors import ApiError, invalid

METHODS = ("get", "post", "put", "delete")
# An object of the documents: a schema, an operation, a reference.
Node = dict[str, t.Any]


class Operation:
    """One operation of the contract; its schemas are compiled on first use."""

    def __init__(self, contract: Contract, method: str, path: str, item: Node, shared: list[Node]) -> None:
        self.id: str = item["operationId"]
        self.method = method.upper()
        self.path = path
        self.parts = path.strip("/").split("/")
        self._contract = contract
        self._item = item
        self._validators: dict[bool, t.Any] = {}
        self._answers: dict[int, Node] = {}
        parameters = [contract.resolve(entry) for entry in [*shared, *item.get("parameters", [])]]
        self.query = {entry["name"]: entry["schema"] for entry in parameters if entry["in"] == "query"}
        self._path_schemas = {entry["name"]: entry["schema"] for entry in parameters if entry["in"] == "path"}

    @property
    def literal_rank(self) -> tuple[bool, ...]:
        """A sort key that puts literal paths before templates: /vpn-connection/tags before /vpn-connection/{id}."""
        return tuple(part.startswith("{") for part in reversed(self.parts))

    def match(self, parts: list[str]) -> dict[str, str] | None:
        """The path parameters, or None if the path belongs to another operation."""
        found = {}
        for own, part in zip(self.parts, parts):
            if not own.startswith("{"):
                if own != part:
                    return None
                continue
            name = own[1:-1]
            allowed = self._path_schemas.get(name, {}).get("enum")
            if not part or (allowed and part not in allowed):
                return None
            found[name] = part
        return found

    @functools.cached_property
    def body_schema(self) -> Node | None:
        """The schema of the request body without references; None if the operation takes no body."""
        return self._body_schema(wide=False) if "requestBody" in self._item else None

    def _body_schema(self, wide: bool) -> Node:
        schema: Node = self._item["requestBody"]["content"]["application/json"]["schema"]
        inlined: Node = self._contract.inline(schema, wide)
        return inlined

    def body_errors(self, body: t.Any, wide: bool = False) -> list[tuple[str, str]]:
        """The errors of a body: pairs of dotted path and message. Messages do not contain values.

        wide: also accept the enumeration values that only some sources list.
        """
        validator = self._validators.get(wide)
        if validator is None:
            validator = self._validators[wide] = jsonschema.Draft202012Validator(self._body_schema(wide))
        return sorted((_dotted(error.absolute_path), _message(error)) for error in validator.iter_errors(body))

    def answer_schema(self, status: int) -> Node:
        """The schema of an answer without references; empty if it has no body or is not in the contract."""
        if status not in self._answers:
            response = self._contract.resolve(self._response(status) or {})
            schema = response.get("content", {}).get("application/json", {}).get("schema", {})
            self._answers[status] = self._contract.inline(schema)
        return self._answers[status]

    def _response(self, status: int) -> Node | None:
        """The documented answer for a status, or for its class (2XX)."""
        responses: dict[str, Node] = self._item["responses"]
        return responses.get(str(status)) or responses.get(f"{status // 100}XX")

    def answer_errors(self, status: int, body: t.Any) -> list[str]:
        """The errors of an answer of the emulator; for the tests."""
        if self._response(status) is None:
            return [f"{self.id} must not answer {status}"]
        schema = self.answer_schema(status)
        if not schema:
            return [] if body is None else [f"{self.id} answers {status} with a body"]
        errors = jsonschema.Draft202012Validator(schema).iter_errors(body)
        found = [f"{self.id} {status} {list(error.absolute_path)}: {error.message}" for error in errors]
        return found + [f"{self.id} {status}: {path} is not in the contract" for path in unlisted(body, schema)]


class Contract:
    """The contract, read once. If several files define an operation or schema, the last definition counts."""

    def __init__(self, *paths: pathlib.Path) -> None:
        self.document: dict[str, t.Any] = {"paths": {}, "components": {}}
        for path in paths:
            found = _loaded(path)
            self.document["paths"].update(found["paths"])
            for kind, entries in found["components"].items():
                self.document["components"].setdefault(kind, {}).update(entries)
        self.operations: dict[str, Operation] = {}
        self._by_shape: dict[tuple[str, int], list[Operation]] = {}
        for template, item in self.document["paths"].items():
            for method in METHODS:
                if method in item:
                    self._add(Operation(self, method, template, item[method], item.get("parameters", [])))
        for candidates in self._by_shape.values():
            candidates.sort(key=lambda operation: operation.literal_rank)

    def _add(self, operation: Operation) -> None:
        self.operations[operation.id] = operation
        self._by_shape.setdefault((operation.method, len(operation.parts)), []).append(operation)

    def route(self, method: str, raw_path: str) -> tuple[Operation, dict[str, str]]:
        """The operation of a request and its path parameters; APIGW.0101 if there is none."""
        parts = [urllib.parse.unquote(part) for part in raw_path.strip("/").split("/")]
        for operation in self._by_shape.get((method, len(parts)), ()):
            found = operation.match(parts)
            if found is not None:
                return operation, found
        raise ApiError("APIGW.0101")

    def answered(self, schema: str, kind: str) -> frozenset[str]:
        """The members of a schema that a kind of answer has (x-answers)."""
        members = self.document["components"]["schemas"][schema]["properties"]
        return frozenset(
            name for name, member in members.items() if member["x-answers"] == "all" or kind in member["x-answers"]
        )

    def error_errors(self, body: t.Any) -> list[str]:
        """The errors of the body of an error answer; for the tests."""
        schema = self.inline({"$ref": "#/components/schemas/Error"})
        return [error.message for error in jsonschema.Draft202012Validator(schema).iter_errors(body)]

    def resolve(self, node: Node) -> Node:
        """The object that a reference points to, or the object itself."""
        while "$ref" in node:
            target: t.Any = self.document
            for part in node["$ref"].removeprefix("#/").split("/"):
                target = target[part]
            node = target
        return node

    def inline(self, node: t.Any, wide: bool = False) -> t.Any:
        """A schema with all references replaced by their targets (no schema of the contract is recursive).

        wide: add the enumeration values that only some sources list (x-enum-other-sources).
        """
        if isinstance(node, list):
            return [self.inline(item, wide) for item in node]
        if not isinstance(node, dict):
            return node
        node = self.resolve(node)
        if len(node.get("allOf", ())) == 1:
            node = {**node, **self.resolve(node["allOf"][0])}
        result = {key: self.inline(value, wide) for key, value in node.items()}
        if node.get("nullable"):
            result["type"] = [node["type"], "null"]
        if wide and "enum" in node:
            result["enum"] = node["enum"] + node.get("x-enum-other-sources", {}).get("values", [])
        return result


@functools.lru_cache(maxsize=1)
def load() -> Contract:
    """The emulator's own copy of the contract."""
    here = pathlib.Path(__file__)
    return Contract(here.with_name("openapi.yaml"), here.with_name("openapi-family.yaml"))


def _loaded(path: pathlib.Path) -> t.Any:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    with path.open(encoding="utf-8") as stream:
        return yaml.load(stream, Loader=loader)


def _dotted(path: t.Iterable[str | int]) -> str:
    return "".join("[]" if isinstance(part, int) else f".{part}" for part in path).lstrip(".")


def _message(error: t.Any) -> str:
    limit = error.validator_value
    if error.validator == "required":
        return f"{', '.join(name for name in limit if name not in error.instance)} is required"
    if error.validator == "enum":
        return f"is none of {', '.join(str(value) for value in limit)}"
    if error.validator == "pattern":
        return "has not the documented form"
    return f"breaks the rule {error.validator} {limit}"


def unlisted(value: t.Any, schema: Node, path: str = "") -> t.Iterator[str]:
    """Paths of the members of value that the schema does not list; list positions are written as []."""
    if isinstance(value, list) and "items" in schema:
        for item in value:
            yield from unlisted(item, schema["items"], f"{path}[]")
    if not isinstance(value, dict) or "properties" not in schema:
        return
    for name, member in value.items():
        here = f"{path}.{name}" if path else name
        if name not in schema["properties"]:
            yield here
        else:
            yield from unlisted(member, schema["properties"][name], here)


def paths(value: t.Any, path: str = "") -> t.Iterator[str]:
    """The dotted paths of all members of a value; list positions are written as []."""
    if isinstance(value, list):
        for item in value:
            yield from paths(item, f"{path}[]")
    elif isinstance(value, dict):
        for name, member in value.items():
            here = f"{path}.{name}" if path else name
            yield here
            yield from paths(member, here)


def without(value: t.Any, paths: t.Collection[str], path: str = "") -> t.Any:
    """A copy of value without the members at the given paths (as unlisted() writes them)."""
    if isinstance(value, list):
        return [without(item, paths, f"{path}[]") for item in value]
    if not isinstance(value, dict):
        return value
    kept = {}
    for name, member in value.items():
        here = f"{path}.{name}" if path else name
        if here not in paths:
            kept[name] = without(member, paths, here)
    return kept


def read_query(operation: Operation, pairs: list[tuple[str, str]], tolerant: bool) -> dict[str, t.Any]:
    """Query parameters by name, with the types of the contract. VPN.0001 for invalid values.

    tolerant: whether unlisted names are ignored (the contract does not say what happens to them).
    """
    found: dict[str, t.Any] = {}
    for name, text in pairs:
        schema = operation.query.get(name)
        if schema is None:
            if tolerant:
                continue
            raise invalid(f"unknown query parameter {name}")
        if schema["type"] == "array":
            found.setdefault(name, []).append(text)
            continue
        if name in found:
            raise invalid(f"query parameter {name} is given twice")
        found[name] = _query_value(name, text, schema)
    if "marker" in found and "limit" not in found:
        raise invalid("marker must be used together with limit")
    return found


def _query_value(name: str, text: str, schema: Node) -> t.Any:
    if schema["type"] == "integer":
        if not re.fullmatch("[0-9]{1,9}", text):
            raise invalid(f"query parameter {name} is not a number")
        number = int(text)
        if not schema.get("minimum", 0) <= number <= schema.get("maximum", number):
            raise invalid(f"query parameter {name} is out of range")
        return number
    if schema["type"] == "boolean":
        if text not in ("true", "false"):
            raise invalid(f"query parameter {name} is neither true nor false")
        return text == "true"
    return text
