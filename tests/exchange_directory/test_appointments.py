"""Who may give whom an office, and that the exchange is never left without an operator."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from parties import OTHER, OURS, STRANGER, Parties

from panjereh.exchange import actions
from panjereh.exchange.models import Operator, PolicyChange, Representative
from panjereh.sandbox import appointments
from panjereh.sandbox.keys import exchange_description


def test_an_appointment_keeps_a_name_and_no_national_id(parties: Parties) -> None:
    kept = parties.representative.national_id_hash

    assert OURS.national_id not in kept and len(kept) == 64


def test_a_representative_appoints_and_withdraws_colleagues(parties: Parties) -> None:
    colleague = actions.appoint_representative(
        actor=parties.representative,
        member=parties.ours,
        national_id=STRANGER.national_id,
        name="Colleague",
    )
    actions.withdraw_representative(actor=parties.representative, representative=colleague)

    colleague.refresh_from_db()
    assert not colleague.active and colleague.withdrawn_at
    deed = PolicyChange.objects.first()
    assert deed and deed.deed == "representative.withdrawn"
    assert deed.actor == f"{parties.representative.name} ({parties.ours.x_road_id})"


@pytest.mark.req("PRV-01")
def test_nobody_appoints_for_another_member(parties: Parties) -> None:
    with pytest.raises(PermissionDenied):
        actions.appoint_representative(
            actor=parties.other_representative,
            member=parties.ours,
            national_id=STRANGER.national_id,
            name="Intruder",
        )
    with pytest.raises(PermissionDenied):
        actions.withdraw_representative(
            actor=parties.other_representative, representative=parties.representative
        )


@pytest.mark.req("PRV-01")
@pytest.mark.parametrize("role", ["secretariat", "working-group", "auditor"])
def test_other_offices_appoint_nobody(parties: Parties, role: str) -> None:
    officer = Operator(name="Officer", roles=[role])

    with pytest.raises(PermissionDenied):
        actions.appoint_operator(actor=officer, national_id="1", name="x")
    with pytest.raises(PermissionDenied):
        actions.appoint_representative(
            actor=officer, member=parties.ours, national_id="1", name="x"
        )


def test_a_person_acts_for_one_member_at_a_time(parties: Parties) -> None:
    with pytest.raises(IntegrityError, match="representative_of_one_member"), transaction.atomic():
        actions.appoint_representative(
            actor=parties.operator,
            member=parties.ours,
            national_id=OTHER.national_id,
            name="Double",
        )
    actions.withdraw_representative(
        actor=parties.operator, representative=parties.other_representative
    )
    again = actions.appoint_representative(
        actor=parties.operator, member=parties.ours, national_id=OTHER.national_id, name="Moved"
    )
    assert again.active


def test_an_office_that_does_not_exist_is_refused(parties: Parties) -> None:
    with pytest.raises(ValueError, match="emperor"):
        actions.appoint_operator(
            actor=parties.operator, national_id="1", name="x", roles=["emperor"]
        )


def test_the_last_operator_stays(parties: Parties) -> None:
    actions.appoint_operator(
        actor=parties.operator, national_id="1", name="Auditor", roles=["auditor"]
    )

    with pytest.raises(PermissionDenied, match="at least one"):
        actions.dismiss_operator(actor=parties.operator, operator=parties.operator)
    with pytest.raises(PermissionDenied, match="at least one"):
        actions.change_roles(actor=parties.operator, operator=parties.operator, roles=["auditor"])

    parties.operator.refresh_from_db()
    assert parties.operator.active and parties.operator.roles == ["operator"]


def test_the_sandbox_has_one_person_for_each_office_and_each_member() -> None:
    days = (date(2026, 11, 22), date(2027, 6, 1))
    officers, later = (appointments.officers(day) for day in days)
    acting, acting_later = (appointments.representatives(day) for day in days)

    assert [p.national_id for p in officers.values()] == [p.national_id for p in later.values()]
    assert {c: p.national_id for c, p in acting.items()} == {
        c: p.national_id for c, p in acting_later.items()
    }
    assert set(officers) == {"secretariat", "working-group", "auditor"}
    described = (exchange_description(), appointments.directory_description())
    assert set(acting) == {member["code"] for part in described for member in part["members"]}
    everybody = [p.national_id for p in (*officers.values(), *acting.values())]
    assert len(set(everybody)) == len(everybody)
    assert appointments.appointed("representative:shahkar", days[0]) in acting.values()


def test_the_number_of_representatives_is_not_limited(parties: Parties) -> None:
    for number in range(3):
        actions.appoint_representative(
            actor=parties.operator, member=parties.ours, national_id=str(number), name=str(number)
        )
    assert Representative.objects.filter(member=parties.ours, active=True).count() == 4
