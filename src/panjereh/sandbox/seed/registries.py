"""Load the sandbox nation into the registries' database, by COPY, a batch at a time."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import islice
from time import perf_counter
from typing import NamedTuple

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Model
from django.utils.timezone import localdate

from panjereh.common import clock
from panjereh.registries.civil.models import Marriage, Person, RegistrationOffice
from panjereh.registries.custody.models import BulkLoad
from panjereh.registries.custody.queries import SANDBOX_NATION
from panjereh.registries.health.models import BirthNotice, Hospital
from panjereh.registries.legal.models import Company, Signatory
from panjereh.registries.postal.models import Address
from panjereh.registries.residence.models import Residence
from panjereh.registries.telecom.models import Sim
from panjereh.sandbox.custodians import fill_registries, lists_are_sent
from panjereh.sandbox.feeds import open_feeds
from panjereh.sandbox.nation import DEFAULT_PEOPLE, SEED, Community, communities, rows
from panjereh.sandbox.nation.facts import cities, hospitals_of
from panjereh.sandbox.nation.numbers import FIRST_LIVE_ORDER
from panjereh.sandbox.privatisation import open_register
from panjereh.sandbox.residents import complete_nation, is_complete

BATCH_PEOPLE = 20_000

MODELS: dict[type[NamedTuple], type[Model]] = {
    rows.PersonRow: Person,
    rows.MarriageRow: Marriage,
    rows.SimRow: Sim,
    rows.AddressRow: Address,
    rows.ResidenceRow: Residence,
    rows.NoticeRow: BirthNotice,
    rows.CompanyRow: Company,
    rows.SignatoryRow: Signatory,
}

Progress = Callable[[int], None]


@dataclass(frozen=True)
class Seeded:
    """`people` in the nation now, `added` by this run."""

    people: int
    added: int
    seconds: float


class SeedRefused(Exception):
    """The text is one line for the person at the terminal."""


def seed(
    people: int = DEFAULT_PEOPLE, *, nation_seed: int = SEED, progress: Progress | None = None
) -> Seeded:
    """See to it that the nation has at least so many people: all or nothing, in one transaction.

    A nation that is large enough is left alone; a smaller one grows, and keeps what was entered.
    """
    if settings.PROFILE == "production":
        raise SeedRefused("production takes no sandbox people")
    started = perf_counter()
    with transaction.atomic():
        load = _claim(nation_seed)
        before = load.people
        if before < people:
            _grow(load, people, progress or (lambda _: None))
    open_feeds()
    with transaction.atomic():
        open_register()
        if load.people > before or not lists_are_sent():
            fill_registries()
        if not is_complete(load):
            complete_nation(load)
    return Seeded(load.people, load.people - before, perf_counter() - started)


def _claim(nation_seed: int) -> BulkLoad:
    """The row of this load, locked: two that start at once do not load twice."""
    load, _ = BulkLoad.objects.select_for_update().get_or_create(
        name=SANDBOX_NATION,
        defaults={"seed": nation_seed, "generation_day": localdate(clock.now())},
    )
    if load.seed != nation_seed:
        raise SeedRefused(
            f"the nation here came from seed {load.seed}; `panjereh reset` makes room for another"
        )
    return load


def _grow(load: BulkLoad, people: int, progress: Progress) -> None:
    with connection.cursor() as cursor:
        # Checked at each COPY instead of all at the end, which would pile up in memory.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    load.generation_day = localdate(clock.now())
    if not load.communities:
        _open_offices()
    for batch in _batches(load, people, load.generation_day):
        _copy(batch)
        progress(load.people)
    load.finished_at = clock.now()
    load.save()
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        cursor.execute("ANALYZE")


def _open_offices() -> None:
    RegistrationOffice.objects.bulk_create(
        RegistrationOffice(place=c.city, prefix=c.id_prefix, next_order=FIRST_LIVE_ORDER)
        for c in cities()
    )
    Hospital.objects.bulk_create(
        Hospital(code=h.code, name=h.name, city=h.city) for c in cities() for h in hospitals_of(c)
    )


def _batches(load: BulkLoad, people: int, today: date) -> Iterator[list[Community]]:
    """The communities that are still missing; `load` counts along."""
    batch: list[Community] = []
    size = 0
    for community in islice(communities(load.seed, today), load.communities, None):
        batch.append(community)
        size += len(community.persons)
        load.communities += 1
        if size >= BATCH_PEOPLE or load.people + size >= people:
            load.people += size
            yield batch
            batch, size = [], 0
        if load.people >= people:
            return


def _copy(batch: Iterable[Community]) -> None:
    tables: dict[type[NamedTuple], list[NamedTuple]] = defaultdict(list)
    for community in batch:
        for table in community.tables():
            if table:
                tables[type(table[0])].extend(table)
    for row_type, model in MODELS.items():
        _copy_rows(model, row_type._fields, tables[row_type])


def _copy_rows(model: type[Model], columns: tuple[str, ...], values: list[NamedTuple]) -> None:
    statement = f"COPY {model._meta.db_table} ({', '.join(columns)}) FROM STDIN"
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row in values:
            copy.write_row(row)
