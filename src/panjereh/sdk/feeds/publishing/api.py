"""The service of a feed: what is new, a file by its number, and the key to read them with.

    add_feed(api, "civil-registry/changed-identity", admit=...)

mounts `/changed-identity/manifest`, `…/pages` and `…/key` on the API of the publishing system.
"""

from collections.abc import Callable
from datetime import date, datetime
from typing import Annotated, Any

from ninja import NinjaAPI, Schema
from pydantic import ConfigDict, Field, StringConstraints

from panjereh.sdk.feeds.files import Entry, File, KeyAnswer, Manifest
from panjereh.sdk.feeds.publishing import actions, queries
from panjereh.sdk.provider import ExchangeRequest

Admit = Callable[[ExchangeRequest], None]
Answers = Callable[..., dict[int, Any]]  # a schema and refusals -> responses by status
Number = Annotated[int, Field(ge=0, le=2**62)]
Trouble = Annotated[str, StringConstraints(pattern=r"^[a-z-]{0,20}$")]


class Body(Schema):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ManifestIn(Body):
    """`after` is the last file taken; 0 begins with the first since the subscription."""

    after: Number
    trouble: Trouble = ""


class ListedOut(Schema):
    sequence: int
    day: date
    epoch: int
    digest: str


class DayOut(Schema):
    day: date
    last_sequence: int


class KeyDateOut(Schema):
    epoch: int
    starts_on: date


class ManifestOut(Schema):
    feed: str
    after: int
    latest: int
    pages: list[ListedOut]
    days: list[DayOut]
    keys: list[KeyDateOut]
    at: datetime


class FileIn(Body):
    sequence: Number


class EntryOut(Schema):
    national_id_token: str
    change_date: date
    state: str | None = None

    @staticmethod
    def resolve_state(entry: Entry) -> str | None:
        return entry.state or None


class FileOut(Schema):
    feed: str
    sequence: int
    day: date
    epoch: int
    changes: list[EntryOut]
    digest: str


class KeyIn(Body):
    epoch: Number
    public_key: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class KeyOut(Schema):
    epoch: int
    starts_on: date
    sealed_key: str


def add_feed(api: NinjaAPI, feed_name: str, *, admit: Admit, answers: Answers) -> None:
    """Every answer is for the calling system alone; `admit` is the custodian's own door, `answers`
    its way of describing refusals."""
    service = feed_name.partition("/")[2]

    def manifest(request: ExchangeRequest, body: ManifestIn) -> Manifest:
        """What there is after the file that was taken last."""
        admit(request)
        subscriber = queries.subscriber_for(feed_name, request.exchange_call.consumer)
        answer = queries.manifest(subscriber, body.after)
        actions.note_position(subscriber, taken=answer.after, trouble=body.trouble)
        return answer

    def pages(request: ExchangeRequest, body: FileIn) -> File:
        """One file, whole."""
        admit(request)
        subscriber = queries.subscriber_for(feed_name, request.exchange_call.consumer)
        return queries.file_of(subscriber, body.sequence)

    def key(request: ExchangeRequest, body: KeyIn) -> KeyAnswer:
        """The key of an epoch, sealed to the caller's registered system key."""
        admit(request)
        subscriber = queries.subscriber_for(feed_name, request.exchange_call.consumer)
        return queries.sealed_key(subscriber, body.epoch, body.public_key)

    for part, view, answer in (
        ("manifest", manifest, ManifestOut),
        ("pages", pages, FileOut),
        ("key", key, KeyOut),
    ):
        name = f"{service}-{part}"
        mount = api.post(
            f"/{service}/{part}",
            response=answers(answer, 403, 404),
            operation_id=name,
            exclude_none=True,
        )
        mount(view)
