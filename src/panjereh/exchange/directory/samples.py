"""Try a service without a key: its question is checked, its answer is an example (NIX-33).

Nothing is asked of the provider. Answers are the test data that the provider gave, else they are
made of the description.
"""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from jsonschema import Draft202012Validator

from panjereh.exchange.directory.egif.vocabulary import Term, vocabulary
from panjereh.exchange.directory.models import Example
from panjereh.exchange.directory.openapi.checking import resolve
from panjereh.exchange.directory.openapi.flaws import pointer
from panjereh.exchange.models import Service

MAX_DEPTH = 8
_PLAIN: dict[str, Any] = {
    "string": "…",
    "integer": 1,
    "number": 1.5,
    "boolean": True,
    "null": None,
    "array": [],
    "object": {},
}


@dataclass(frozen=True)
class Tried:
    status: int
    body: Any


def sample_question(service: Service) -> Any:
    example = service.examples.first()
    if example is not None:
        return example.question
    return _made(_document(service), _body_schema(service, "POST", "/"))


def sample_answer(service: Service) -> Any:
    example = service.examples.filter(status=200).first()
    if example is not None:
        return example.answer
    return _made(_document(service), _answer_schema(service, "POST", "/"))


def try_service(service: Service, method: str, path: str, question: Any) -> Tried:
    if {"method": method, "path": path} not in service.endpoints:
        return _problem(404, "unknown-endpoint", _("The service has no such method and path."))
    schema = _body_schema(service, method, path)
    if wrong := _wrong(_document(service), schema, question):
        return _problem(422, "body-invalid", wrong)
    known = Example.objects.filter(service=service, question=question).first()
    if known is not None:
        return Tried(known.status, known.answer)
    if path == "/":
        return Tried(200, sample_answer(service))
    return Tried(200, _made(_document(service), _answer_schema(service, method, path)))


def _problem(status: int, code: str, detail: str) -> Tried:
    body = {"type": "about:blank", "status": status, "code": code, "detail": detail}
    return Tried(status, body | {"cause": "consumer"})


def _wrong(document: dict[str, Any], schema: Any, question: Any) -> str:
    """Names the places, never the values: somebody may have typed a real id."""
    if not isinstance(schema, dict) or not schema:
        return ""
    whole = schema | {"components": document.get("components", {})}
    errors = list(Draft202012Validator(whole).iter_errors(question))
    places = sorted({pointer(tuple(error.absolute_path)) or "/" for error in errors})
    return _("Check %(places)s.") % {"places": ", ".join(places)} if places else ""


def _document(service: Service) -> dict[str, Any]:
    sheet = getattr(service, "sheet", None)
    document: dict[str, Any] = sheet.openapi if sheet else {}
    return document


def _operation(service: Service, method: str, path: str) -> dict[str, Any]:
    full = f"/{service.code}" + ("" if path == "/" else path)
    operation: dict[str, Any] = (
        _document(service).get("paths", {}).get(full, {}).get(method.lower(), {})
    )
    return operation


def _body_schema(service: Service, method: str, path: str) -> Any:
    document = _document(service)
    body = resolve(document, _operation(service, method, path).get("requestBody") or {})
    return resolve(document, _schema_in(body))


def _answer_schema(service: Service, method: str, path: str) -> Any:
    document = _document(service)
    for status, answer in (_operation(service, method, path).get("responses") or {}).items():
        if str(status).startswith("2"):
            return resolve(document, _schema_in(resolve(document, answer)))
    return {}


def _schema_in(part: dict[str, Any]) -> Any:
    return ((part.get("content") or {}).get("application/json") or {}).get("schema") or {}


def _made(document: dict[str, Any], schema: Any, name: str = "", depth: int = 0) -> Any:
    """A value that the schema allows, with the framework's examples for what it knows."""
    schema = resolve(document, schema)
    if not isinstance(schema, dict) or depth > MAX_DEPTH:
        return None
    if (given := _given(schema, name)) is not None:
        return given
    for word in ("allOf", "oneOf", "anyOf"):
        if schema.get(word):
            return _combined(document, schema[word], name, depth, together=word == "allOf")
    if "properties" in schema:
        members = schema["properties"].items()
        return {key: _made(document, member, key, depth + 1) for key, member in members}
    kind = schema.get("type", "object")
    kind = kind[0] if isinstance(kind, list) else kind
    if kind == "array":
        return [_made(document, schema.get("items"), name, depth + 1)]
    return _PLAIN.get(str(kind))


def _given(schema: dict[str, Any], name: str) -> Any:
    if "example" in schema:
        return schema["example"]
    for word in ("examples", "enum"):
        if schema.get(word):
            return schema[word][0]
    if "const" in schema:
        return schema["const"]
    if schema.get("type") in {"array", "object"} or "properties" in schema:
        return None
    value = vocabulary().get(name, Term(name, "", "")).type
    return value.example if value and "anyOf" not in schema else None


def _combined(
    document: dict[str, Any], branches: list[Any], name: str, depth: int, *, together: bool
) -> Any:
    made = [_made(document, branch, name, depth + 1) for branch in branches]
    if together:
        merged: dict[str, Any] = {}
        for part in made:
            merged |= part if isinstance(part, dict) else {}
        return merged
    return next((part for part in made if part is not None), None)
