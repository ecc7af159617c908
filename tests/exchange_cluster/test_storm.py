"""Under load every part is killed in its turn; then all sides count, and the counts agree."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import nats
import pytest
from accounts import Accounts
from cluster import Cluster, wait_for
from django.db import OperationalError, connection
from exchange.provider import Provider
from exchange.world import World
from load import Load

from panjereh.exchange.evidence.audit import audit
from panjereh.exchange.evidence.config import config
from panjereh.exchange.evidence.stored import published
from panjereh.exchange.models import CallRecord

ANSWERS = 60  # between two blows


@pytest.fixture(scope="module")
def accounts(cluster: Cluster, provider: Provider) -> Iterator[Accounts]:
    """A gateway, the collector with the log, PostgreSQL, and each server of the stream."""
    assert cluster.world
    caller, service = cluster.world.allowed()
    for gateway in cluster.gateways:
        gateway.catch_up()
    provider.behave()
    with Load(caller, service, cluster.gateways) as load:
        load.wait_for_answers(ANSWERS)
        _kill_a_gateway(cluster, load)
        _kill_the_worker(cluster, load)
        _kill_postgres(cluster, load)
        for number in range(3):
            _kill_a_server(cluster, load, number)
        load.wait_for_answers(ANSWERS)
    made = Accounts(load.attempts, provider, caller.x_road_id)
    wait_for("collector and log have read everything", lambda: _settled(cluster), 120)
    yield made


def _kill_a_gateway(cluster: Cluster, load: Load) -> None:
    first, _ = cluster.gateways
    first.kill()
    load.wait_for_answers(ANSWERS)
    first.start()
    load.wait_for_answers(ANSWERS)


def _kill_the_worker(cluster: Cluster, load: Load) -> None:
    assert cluster.worker
    cluster.worker.kill()
    load.wait_for_answers(ANSWERS)
    cluster.worker.start()


def _kill_postgres(cluster: Cluster, load: Load) -> None:
    cluster.kill_postgres()
    load.wait_for_answers(ANSWERS)  # out of the policy that the gateways hold
    cluster.postgres.start()
    load.wait_for_answers(ANSWERS)


def _kill_a_server(cluster: Cluster, load: Load, number: int) -> None:
    cluster.kill_server(cluster.nats[number])
    load.wait_for_answers(ANSWERS)  # two of three are enough
    cluster.revive(cluster.nats[number])
    wait_for("it is one of the cluster again", cluster.nats[number].is_ready)


def _settled(cluster: Cluster) -> bool:
    """Both have read the stream to its end. Servers that choose a leader do not answer yet."""
    try:
        rows, unread = CallRecord.objects.count(), cluster.unread()
    except OperationalError:
        connection.close()
        return False
    except nats.errors.Error:
        return False
    seen = published(config().folder)
    return unread == 0 and seen is not None and rows <= seen.head.size


@pytest.mark.req("NIX-03", "NIX-31", "PRV-11")
def test_every_answer_that_was_given_is_recorded_once(accounts: Accounts) -> None:
    kept = {row.x_road_id: row for row in accounts.rows if row.status == 200}
    assert accounts.answered.keys() <= kept.keys()
    for message, attempt in accounts.answered.items():
        assert str(kept[message].request_id) == attempt.request_id


@pytest.mark.req("NIX-24", "NIX-31")
def test_every_refusal_is_recorded_as_it_was_told(accounts: Accounts) -> None:
    kept = {row.x_road_id: (str(row.request_id), row.status) for row in accounts.rows}
    told = {m: (a.request_id, a.status) for m, a in accounts.refused.items()}
    assert told == {message: kept.get(message) for message in told}


@pytest.mark.req("NIX-03", "NIX-31")
def test_nothing_is_recorded_twice(accounts: Accounts) -> None:
    assert max(Counter(row.x_road_id for row in accounts.rows).values()) == 1
    withheld = {r.request_id for r in accounts.leaves if ".logging_failed." in r.error_code}
    twice = [name for name, n in Counter(r.request_id for r in accounts.leaves).items() if n > 1]
    assert set(twice) <= withheld


@pytest.mark.req("NIX-31")
def test_what_consumers_did_not_learn_accounts_for_every_difference(accounts: Accounts) -> None:
    recorded = {row.x_road_id for row in accounts.rows}
    attempts = accounts.answered | accounts.refused | accounts.broken
    assert recorded <= attempts.keys()
    assert recorded - accounts.answered.keys() - accounts.refused.keys() <= accounts.broken.keys()
    reached = set(accounts.asked)
    assert max(accounts.asked.values()) == 1
    assert accounts.answered.keys() <= reached
    assert reached - recorded <= accounts.broken.keys()
    forwarded = {row.x_road_id for row in accounts.rows if row.forwarded_at}
    assert reached & recorded <= forwarded
    sums = len(accounts.answered) + len(recorded & (accounts.refused | accounts.broken).keys())
    assert len(accounts.rows) == sums


@pytest.mark.req("PRV-11")
def test_log_and_database_hold_the_same_calls(accounts: Accounts) -> None:
    in_log = {leaf.request_id for leaf in accounts.leaves}
    assert in_log == {str(row.request_id) for row in accounts.rows}
    until = datetime.now(UTC) + timedelta(minutes=1)
    assert audit(config(), until - timedelta(hours=1), until) == []


@pytest.mark.req("NIX-31")
def test_the_storm_was_one(accounts: Accounts) -> None:
    """Otherwise the tests above prove little."""
    assert accounts.broken
    assert len(accounts.answered) > 10 * ANSWERS
    assert len({row.gateway for row in accounts.rows}) == 3  # the one that was killed came anew


@pytest.mark.req("PRV-11")
def test_a_record_that_is_then_altered_in_the_database_is_found(
    accounts: Accounts, world: World
) -> None:
    row = accounts.rows[0]
    CallRecord.objects.filter(pk=row.pk).update(consumer=f"{row.consumer}-2")
    until = datetime.now(UTC) + timedelta(minutes=1)
    found = audit(config(), until - timedelta(hours=1), until)
    CallRecord.objects.filter(pk=row.pk).update(consumer=row.consumer)
    assert [(f.kind, f.subject, f.detail) for f in found] == [
        ("altered", str(row.request_id), "consumer")
    ]
