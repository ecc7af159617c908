"""Fill the sign-on's database: people, running sessions, two clients. Prints what a load needs.

`furnish.py PEOPLE SESSIONS` with the environment of the sign-on under measurement.
"""

import json
import os
import sys

os.environ["DJANGO_SETTINGS_MODULE"] = "panjereh.runtime.settings.sso"

import django

django.setup()

from django.core.management import call_command  # noqa: E402 - needs the setup
from django.db import connection  # noqa: E402
from joserfc.jwk import ECKey  # noqa: E402

from panjereh.sandbox.seed.sso import make_signing_keys  # noqa: E402
from panjereh.sso.digests import new_secret  # noqa: E402
from panjereh.sso.models import Person  # noqa: E402
from panjereh.sso.relying_parties.actions import Registration, register_relying_party  # noqa: E402
from panjereh.sso.sessions.actions import Arrival, begin_session  # noqa: E402

CALLBACK = "https://client.example/callback"
PEOPLE = """
    INSERT INTO sso_person (id, national_id, given_name, family_name, father_name, birth_date,
        mobile, mobile_confirmed_at, registered_at, registered_through)
    SELECT gen_random_uuid(), lpad(n::text, 10, '0'), 'بیتا', 'بزرگی', 'حسن', '1988-03-04',
        '+989' || lpad(n::text, 9, '0'), now(), now(), ''
    FROM generate_series(1, %s) n
"""
LEVELS = """
    INSERT INTO sso_attainedlevel (person_id, level, proof, attained_at)
    SELECT id, 1, 'civil-registry+shahkar', now() FROM sso_person
"""


def main(people: int, sessions: int) -> None:
    call_command("migrate", verbosity=0)
    make_signing_keys()
    with connection.cursor() as cursor:
        cursor.execute(PEOPLE, [people])
        cursor.execute(LEVELS)
        cursor.execute("ANALYZE")
    secret, key = new_secret(), ECKey.generate_key("P-256", {"alg": "ES256"}, auto_kid=True)
    register("standard", secret=secret)
    register("high", profile="high", jwks={"keys": [key.as_dict(private=False)]})
    cookies = [session(person) for person in Person.objects.order_by("?")[:sessions]]
    told = {"secret": secret, "key": key.as_dict(private=True), "cookies": cookies}
    sys.stdout.write(json.dumps(told))


def register(client_id: str, *, secret: str = "", **facts: object) -> None:
    name = {"fa": "سنجش", "en": "Bench"}
    registration = Registration(
        client_id=client_id,
        name=name,
        agency=client_id,
        agency_name=name,
        purpose=name,
        redirect_uris=[CALLBACK],
        granted_claims=["national_id", "given_name", "family_name"],
        **facts,  # type: ignore[arg-type]
    )
    register_relying_party(registration, secret=secret, actor="bench")


def session(person: Person) -> str:
    arrival = Arrival(way="sms", browser_sha256="b" * 64, browser="Bench")
    return begin_session(person, arrival)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
