"""The life of a request under any order of deeds by anybody: what must always hold."""

from collections.abc import Callable
from typing import Any

import pytest
from country import WRITTEN, Country
from django.core.exceptions import PermissionDenied
from django.db import transaction
from exchange.world import World
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from panjereh.common import clock as the_clock
from panjereh.exchange.approvals import states
from panjereh.exchange.approvals.actions import grants, requests, sessions, signing
from panjereh.exchange.approvals.contract import verify
from panjereh.exchange.approvals.models import AccessRequest, ConformanceRun, Session, Step
from panjereh.exchange.models import Grant

WHO = st.sampled_from(["asker", "answerer", "secretariat", "group", "operator"])
REFUSALS = (states.NotNow, PermissionDenied, requests.Incomplete)


class Life(RuleBasedStateMachine):
    """Deeds in any order by anyone. A deed happens as the table of transitions says, or not at all.

    `granted_items` is what the last grant that came into force lets through.
    """

    country: Country
    shift: Any

    @initialize()
    def begin(self) -> None:
        self.consumer, self.service = self.country.system(), self.country.service()
        self.request = self._new()
        self.sessions_held = 0

    def _new(self, **more: Any) -> AccessRequest:
        made = requests.begin_request(
            actor=self.country.asker, consumer=self.consumer, service=self.service, **more
        )
        requests.write_request(actor=self.country.asker, request=made, **WRITTEN)
        return made

    def _who(self, name: str) -> Any:
        world: World = self.country.world
        return world.operator if name == "operator" else getattr(self.country, name)

    def _try(self, deed: str, right: str, who: str, act: Callable[[], Any]) -> None:
        """By the right one in the right state it is done; else nothing changes at all."""
        self.request.refresh_from_db()
        before, steps = self.request.state, self.request.steps.count()
        fits = before in states.TRANSITIONS[deed].after and who == right
        try:
            with transaction.atomic():
                act()
        except REFUSALS:
            assert not fits, f"{deed} by {who} in {before} was refused"
            self.request.refresh_from_db()
            assert (self.request.state, self.request.steps.count()) == (before, steps)
        else:
            self.request.refresh_from_db()
            assert fits, f"{deed} by {who} in {before} was done"
            assert self.request.state in {states.TRANSITIONS[deed].to, "granted"}

    @rule(who=WHO)
    def submit(self, who: str) -> None:
        actor = self._who(who)
        self._try(
            "submitted",
            "asker",
            who,
            lambda: requests.submit_request(actor=actor, request=self.request),
        )

    @rule(who=WHO, answer=st.sampled_from(["agreed", "declined", "changes-asked-by-provider"]))
    def answer(self, who: str, answer: str) -> None:
        actor = self._who(who)
        self._try(
            answer,
            "answerer",
            who,
            lambda: requests.answer_request(
                actor=actor, request=self.request, answer=answer, text="Because."
            ),
        )

    @rule(who=WHO)
    def consent(self, who: str) -> None:
        actor = self._who(who)
        self._try(
            "consented",
            "secretariat",
            who,
            lambda: requests.consent(actor=actor, request=self.request, number="M-1"),
        )

    @rule(who=WHO)
    def ask_changes(self, who: str) -> None:
        actor = self._who(who)
        self._try(
            "changes-asked",
            "secretariat",
            who,
            lambda: requests.ask_changes(actor=actor, request=self.request, text="Less."),
        )

    @rule(who=WHO)
    def send_to_group(self, who: str) -> None:
        actor = self._who(who)
        self._try(
            "sent-to-group",
            "secretariat",
            who,
            lambda: requests.send_to_group(actor=actor, request=self.request),
        )

    @rule(who=WHO)
    def withdraw(self, who: str) -> None:
        actor = self._who(who)
        self._try(
            "withdrawn",
            "asker",
            who,
            lambda: requests.withdraw_request(actor=actor, request=self.request),
        )

    @rule(decision=st.sampled_from(["approved", "refused", "changes", "postponed"]))
    def group_decides(self, decision: str) -> None:
        self.request.refresh_from_db()
        if self.request.state != "group":
            return
        country = self.country
        newest = Session.objects.order_by("-number").first()
        session = sessions.plan_session(
            actor=country.secretariat,
            number=newest.number + 1 if newest else 1000,
            held_on=the_clock.now().date(),
        )
        item = sessions.put_on_agenda(
            actor=country.secretariat, session=session, matter=self.request
        )
        sessions.hold_session(
            actor=country.group, session=session, present=[{"name": "A", "body": "B"}]
        )
        sessions.decide_item(
            actor=country.group,
            item=item,
            decision=decision,
            text={"fa": "ب", "en": "B"},
            number=f"M-{session.number}" if decision == "approved" else "",
        )
        self.request.refresh_from_db()
        told = {"approved": "approved", "refused": "refused", "changes": "changes"}
        assert self.request.state == told.get(decision, "group")

    @rule(party=st.sampled_from(["consumer", "provider"]), who=WHO)
    def sign(self, party: str, who: str) -> None:
        self.request.refresh_from_db()
        before = dict(self.request.signatures)
        right = {"consumer": "asker", "provider": "answerer"}[party]
        actor = self._who(who)
        if who in {"secretariat", "group", "operator"}:
            return
        try:
            with transaction.atomic():
                signing.sign_in_sandbox(actor=actor, request=self.request, party=party)
        except REFUSALS:
            self.request.refresh_from_db()
            assert self.request.signatures == before
        else:
            assert who == right

    @rule(passed=st.booleans())
    def tried(self, passed: bool) -> None:
        """As the run ends; the run itself is tested with a real gateway."""
        self.request.refresh_from_db()
        if self.request.state in states.OPEN and self.request.state != "draft":
            with transaction.atomic():
                ConformanceRun.objects.create(
                    request=self.request, passed=passed, checks=[], by="test"
                )
                if self.request.state == "approved":
                    signing.enter_into_force(self.country.asker, self.request)

    @rule(days=st.integers(1, 20))
    def time_passes(self, days: int) -> None:
        self.shift.forward(days=days)
        requests.keep_terms()

    @rule()
    def revoke(self) -> None:
        for grant in self._active():
            grants.revoke_grant(actor=self.country.secretariat, grant=grant)

    @rule()
    def ask_again(self) -> None:
        """A closed request is followed by another; a grant that stands is reopened."""
        self.request.refresh_from_db()
        if self.request.state in states.CLOSED:
            standing = self._active("production")
            more = {"reopens": standing[0].series} if standing else {}
            self.request = self._new(**more)

    def _active(self, *stages: str) -> list[Grant]:
        found = Grant.objects.filter(consumer=self.consumer, service=self.service, state="active")
        return list(found.filter(stage__in=stages) if stages else found)

    @invariant()
    def production_opens_only_after_approval_signatures_and_a_trial(self) -> None:
        for grant in self._active("production"):
            made = AccessRequest.objects.get(grant=grant)
            assert made.state == "granted"
            assert made.approval is not None
            assert made.approval.number == grant.approval_number
            assert made.runs.first().passed
            verify(grant.contract, grant.signatures, grants.keys_for(self.consumer, self.service))

    @invariant()
    def test_access_ends_with_its_request(self) -> None:
        for grant in self._active("sandbox"):
            asked = AccessRequest.objects.get(sandbox_grant=grant)
            assert asked.state in states.OPEN

    @invariant()
    def every_change_of_state_has_its_step(self) -> None:
        last = Step.objects.filter(request=self.request).last()
        self.request.refresh_from_db()
        assert last is not None
        assert last.state == self.request.state

    @invariant()
    def who_has_the_turn_has_a_term(self) -> None:
        assert (self.request.due_at is not None) == (self.request.state in states.TERMS)


@pytest.mark.req("NIX-05", "NIX-07", "GOV-24")
def test_no_order_of_deeds_opens_the_gate_without_its_approval(
    country: Country, clock: Any
) -> None:
    class Here(Life):
        pass

    Here.country, Here.shift = country, clock
    run_state_machine_as_test(
        Here,
        settings=settings(
            max_examples=25,
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_the_table_leads_to_an_end_from_everywhere() -> None:
    for state in states.OPEN:
        reached, waiting = {state}, [state]
        while waiting:
            here = waiting.pop()
            further = {t.to for t in states.TRANSITIONS.values() if here in t.after} - reached
            reached |= further
            waiting += further
        assert {"granted", "withdrawn"} <= reached
    for state in states.CLOSED:
        assert not [t for t in states.TRANSITIONS.values() if state in t.after]
    assert set(states.OPEN) | set(states.CLOSED) == set(AccessRequest.State.values)
