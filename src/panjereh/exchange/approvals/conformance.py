"""The trial before production: the service is asked through the gateway with its own test data,
and what comes back is held against its description and the items asked for.

A run tells what was checked and what was found by names and numbers; no answer is kept (NIX-03).
"""

import json
import time
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from jsonschema import Draft202012Validator
from nacl.signing import SigningKey
from pyreqwest.client import SyncClientBuilder
from pyreqwest.exceptions import RequestError

from panjereh.common.http_signatures import content_digest, ed25519_signer, sign
from panjereh.exchange.approvals.keys import sandbox_key
from panjereh.exchange.approvals.models import AccessRequest
from panjereh.exchange.directory.models import Example, Item, Sheet
from panjereh.exchange.gateway.fields import compile_items, cut
from panjereh.exchange.models import Grant
from panjereh.sdk.exchange import gateways

TIMEOUT = timedelta(seconds=10)
POLICY_SECONDS = 2.0
UNHEARD_OF = ("access_denied", "unknown_service", "authentication_failed")
JSON = "application/json"


@dataclass(frozen=True)
class Check:
    """`check` is a code that pages have words for; `found` names places, never values."""

    check: str
    held: bool
    found: str = ""


def checks_of(request: AccessRequest) -> list[Check]:
    """All checks, in order."""
    items = {i.place: i for i in Item.objects.filter(service=request.service, direction="out")}
    examples = list(Example.objects.filter(service=request.service))
    key = sandbox_key(settings.KEYS, request.consumer.code)
    found = [
        Check("described", bool(items)),
        _known(request, items),
        Check("has-test-data", bool(examples), str(len(examples))),
        Check("key-at-hand", key is not None),
    ]
    if key is not None:
        for number, example in enumerate(examples, start=1):
            found += _tried(request, example, items, key, number)
    return found


def _known(request: AccessRequest, items: Mapping[str, Item]) -> Check:
    """Every item asked for is in the description, or below one that is."""
    unknown = [p for p in request.data_items if not any(_covers(p, place) for place in items)]
    return Check("items-known", not unknown, ", ".join(unknown))


def _tried(
    request: AccessRequest,
    example: Example,
    items: Mapping[str, Item],
    key: SigningKey,
    number: int,
) -> Iterator[Check]:
    status, body = _ask(request, example.question, key)
    yield Check("answered", status == example.status, f"{number}: {status}")
    if status != example.status or status >= 400:
        return
    try:
        answer = json.loads(body)
    except ValueError:
        yield Check("is-json", False, str(number))
        return
    yield _within(request, body, number)
    yield _complete(request, items, answer, number)
    yield _described(request, answer, number)


def _ask(request: AccessRequest, question: Any, key: SigningKey) -> tuple[int, bytes]:
    """As the consumer's own system would, with its key of the sandbox. A grant that was made just
    now is asked for again, until every gateway has heard of it."""
    url = f"{gateways()[0]}/r1/{request.service.x_road_id}"
    payload = json.dumps(question, ensure_ascii=False).encode()
    deadline = time.monotonic() + POLICY_SECONDS
    with SyncClientBuilder().timeout(TIMEOUT).build() as client:
        while True:
            try:
                headers = _signed(request.consumer.x_road_id, url, payload, key)
                call = client.post(url).headers(headers)
                reply = call.body_bytes(payload).build().send()
            except RequestError:
                return 0, b""
            told = dict(reply.headers).get("x-road-error", "")
            if not told.endswith(UNHEARD_OF) or time.monotonic() > deadline:
                return reply.status, bytes(reply.bytes())
            time.sleep(0.1)


def _signed(client: str, url: str, payload: bytes, key: SigningKey) -> dict[str, str]:
    gateway = urlsplit(url)
    headers = {
        "x-road-client": client,
        "x-road-id": str(uuid.uuid4()),
        "content-type": JSON,
        "content-digest": content_digest(payload),
    }
    return headers | sign(
        "POST",
        gateway.path,
        headers,
        keyid=client,
        algorithm="ed25519",
        signer=ed25519_signer(key),
        authority=gateway.netloc,
    )


def _within(request: AccessRequest, body: bytes, number: int) -> Check:
    """The gateway let nothing pass that was not asked for."""
    tree = compile_items(request.data_items)
    beyond = cut(body, tree)[1] if tree is not None else 0
    return Check("nothing-beyond", beyond == 0, f"{number}: {beyond}")


def _complete(request: AccessRequest, items: Mapping[str, Item], answer: Any, number: int) -> Check:
    """What the description promises always, and the grant of the trial lets through, is there."""
    standing = Grant.objects.get(
        consumer=request.consumer, service=request.service, state=Grant.State.ACTIVE
    )
    let_through = [p for p in request.data_items if any(_covers(g, p) for g in standing.data_items)]
    promised = [p for p in let_through if p in items and items[p].required]
    missing = [place for place in promised if not _present(answer, place.split("/")[1:])]
    return Check("complete", not missing, f"{number}: {', '.join(missing)}" if missing else "")


def _present(value: Any, names: list[str]) -> bool:
    if isinstance(value, list):
        return all(_present(one, names) for one in value)
    if not names or value is None:
        return True
    name, *below = names
    return isinstance(value, dict) and name in value and _present(value[name], below)


def _described(request: AccessRequest, answer: Any, number: int) -> Check:
    """Types and formats are those of the description; what was cut is not missed."""
    schema = _answer_schema(request)
    if schema is None:
        return Check("as-described", False, str(number))
    wrong = sorted(
        {
            "/" + "/".join(str(part) for part in error.absolute_path if isinstance(part, str))
            for error in _errors(Draft202012Validator(schema).iter_errors(answer))
        }
    )
    return Check("as-described", not wrong, f"{number}: {', '.join(wrong)}" if wrong else "")


def _errors(found: Any) -> Iterator[Any]:
    """Errors but those of absence, inside choices too: a choice that only misses cut items fits."""
    for error in found:
        if error.validator in {"anyOf", "oneOf"}:
            branches: dict[Any, list[Any]] = {}
            for inner in error.context:
                branches.setdefault(inner.schema_path[0], []).append(inner)
            if any(not list(_errors(errors)) for errors in branches.values()):
                continue
        if error.validator != "required":
            yield error


def _answer_schema(request: AccessRequest) -> dict[str, Any] | None:
    """Of the service's successful answer, with the components that it refers to."""
    sheet = Sheet.objects.filter(service=request.service).first()
    document: dict[str, Any] = sheet.openapi if sheet else {}
    operation = document.get("paths", {}).get(f"/{request.service.code}", {}).get("post", {})
    said = operation.get("responses", {}).get("200", {}).get("content", {}).get(JSON, {})
    if "schema" not in said:
        return None
    return {**said["schema"], "components": document.get("components", {})}


def _covers(asked: str, place: str) -> bool:
    """Whether a place is the item asked for, or below it."""
    return place == asked or place.startswith(asked + "/") or asked == ""
