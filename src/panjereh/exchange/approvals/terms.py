"""What a grant says, written into a contract and read out of it. Pure: no database."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from panjereh.common import clock
from panjereh.exchange.approvals.contract import CONNECTION, HASH_ALGORITHM, Contract

Names = Mapping[str, str]  # language -> text


@dataclass(frozen=True)
class Party:
    """A system as a contract names it: its X-Road id and the key it signs with."""

    x_road_id: str
    thumbprint: str

    @property
    def member(self) -> str:
        return self.x_road_id.rpartition("/")[0]

    @property
    def system(self) -> str:
        return self.x_road_id.rpartition("/")[2]


@dataclass(frozen=True)
class Terms:
    """The approved terms. `approval` has number, date (ISO 8601), body, row; `purpose` has code,
    name and legal_basis."""

    data_items: Sequence[str]
    purpose: Mapping[str, Any]
    approval: Mapping[str, Any]
    quota_per_minute: int
    quota_per_day: int | None = None
    conditions: Sequence[Mapping[str, Any]] = field(default_factory=list)
    attestation: Sequence[Mapping[str, Any]] = field(default_factory=list)
    confidential: bool = False
    form: str = "call"
    stage: str = "production"
    notes: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Place:
    """Which version of which grant, and when it holds."""

    series: UUID
    version: int
    not_before: datetime
    not_after: datetime | None


def draft(
    *, consumer: Party, provider: Party, service: str, terms: Terms, place: Place
) -> Contract:
    """A contract for the three to sign. FSC wants an end; ours may be open (null)."""
    return {
        "iv": str(uuid.uuid4()),
        "group_id": consumer.x_road_id.partition("/")[0],
        "hash_algorithm": HASH_ALGORITHM,
        "created_at": _seconds(clock.now()),
        "validity": {"not_before": _seconds(place.not_before), "not_after": _end(place)},
        "grants": [
            {
                "data": {
                    "type": CONNECTION,
                    "outway": {
                        "peer_id": consumer.member,
                        "system": consumer.system,
                        "public_key_thumbprint": consumer.thumbprint,
                    },
                    "service": {
                        "type": "SERVICE_TYPE_SERVICE",
                        "peer": {
                            "id": provider.member,
                            "system": provider.system,
                            "public_key_thumbprint": provider.thumbprint,
                        },
                        "name": service,
                    },
                    "properties": _properties(terms, place),
                }
            }
        ],
    }


def _properties(terms: Terms, place: Place) -> dict[str, Any]:
    approval, purpose = terms.approval, terms.purpose
    return {
        "series": str(place.series),
        "version": place.version,
        "fields": list(terms.data_items),
        "purpose": {**purpose, "name": dict(purpose["name"])},
        "approval": {**approval, "body": dict(approval["body"])},
        "quota": {"per_minute": terms.quota_per_minute, "per_day": terms.quota_per_day},
        "conditions": [dict(condition) for condition in terms.conditions],
        "attestation": [dict(claim) for claim in terms.attestation],
        "confidential": terms.confidential,
        "form": terms.form,
        "stage": terms.stage,
        "notes": dict(terms.notes),
    }


def columns(contract: Contract) -> dict[str, Any]:
    """The columns of a grant as its contract states them; consumer and service as X-Road ids.

    The deed writes them from here and whoever checks compares with here, so a row can say nothing
    that was not signed. Raises `KeyError`, `TypeError` or `ValueError` for what is no contract.
    """
    (grant,) = contract["grants"]
    data = grant["data"]
    outway, service, said = data["outway"], data["service"], data["properties"]
    purpose, approval = said["purpose"], said["approval"]
    validity = contract["validity"]
    return {
        "consumer": f"{outway['peer_id']}/{outway['system']}",
        "service": f"{service['peer']['id']}/{service['peer']['system']}/{service['name']}",
        "series": UUID(said["series"]),
        "version": said["version"],
        "data_items": said["fields"],
        "purpose": purpose["code"],
        "purpose_fa": purpose["name"]["fa"],
        "purpose_en": purpose["name"]["en"],
        "legal_basis": purpose["legal_basis"],
        "approval_number": approval["number"],
        "approval_date": date.fromisoformat(approval["date"]),
        "approval_body_fa": approval["body"]["fa"],
        "approval_body_en": approval["body"]["en"],
        "approval_row": approval["row"],
        "quota_per_minute": said["quota"]["per_minute"],
        "quota_per_day": said["quota"]["per_day"],
        "conditions": said["conditions"],
        "attestation": said["attestation"],
        "confidential": said["confidential"],
        "form": said["form"],
        "stage": said["stage"],
        "not_before": _moment(validity["not_before"]),
        "not_after": _moment(validity["not_after"]),
    }


def terms(contract: Contract) -> Terms:
    """What was approved, as it was given to `draft`."""
    (grant,) = contract["grants"]
    said = grant["data"]["properties"]
    return Terms(
        data_items=said["fields"],
        purpose=said["purpose"],
        approval=said["approval"],
        quota_per_minute=said["quota"]["per_minute"],
        quota_per_day=said["quota"]["per_day"],
        conditions=said["conditions"],
        attestation=said["attestation"],
        confidential=said["confidential"],
        form=said["form"],
        stage=said["stage"],
        notes=said["notes"],
    )


def _seconds(moment: datetime) -> int:
    return int(moment.timestamp())


def _end(place: Place) -> int | None:
    return None if place.not_after is None else _seconds(place.not_after)


def _moment(seconds: int | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)
