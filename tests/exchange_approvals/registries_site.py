"""The registries of a small nation on a port: `registries_site.py FACTS PORT`.

Writes what a caller needs to know of the people to FACTS, then answers.
"""

import json
import os
import sys
from pathlib import Path

os.environ["DJANGO_SETTINGS_MODULE"] = "panjereh.runtime.settings.registries"

import django

django.setup()

from django.core.handlers.wsgi import WSGIHandler  # noqa: E402
from django.core.management import call_command  # noqa: E402

from panjereh.registries.civil.models import Person  # noqa: E402
from panjereh.registries.education.models import Degree  # noqa: E402
from panjereh.registries.insurance.models import SentList  # noqa: E402
from panjereh.registries.judiciary.models import Certificate  # noqa: E402
from panjereh.registries.postal.models import Address  # noqa: E402
from panjereh.registries.telecom.models import Sim  # noqa: E402
from panjereh.sandbox.custodians import fill_registries  # noqa: E402
from panjereh.sandbox.nation import SEED  # noqa: E402
from panjereh.sandbox.seed.registries import BulkLoad, _claim, _grow  # noqa: E402


def load() -> None:
    from django.db import transaction

    with transaction.atomic():
        claimed: BulkLoad = _claim(SEED)
        _grow(claimed, 1500, lambda _: None)
    with transaction.atomic():
        fill_registries()


def known() -> dict[str, str]:
    sent = SentList.objects.filter(rows__isnull=False).select_related("workshop").first()
    assert sent is not None
    certificate, sim = Certificate.objects.earliest("number"), Sim.objects.earliest("mobile")
    return {
        "person": Person.objects.filter(died_on=None).earliest("pk").pk,
        "graduate": Degree.objects.earliest("pk").pk,
        "holder": certificate.national_id,
        "certificate": certificate.number,
        "owner": sim.owner_national_id,
        "mobile": sim.mobile,
        "postal_code": Address.objects.earliest("pk").pk,
        "enterprise": sent.workshop.enterprise_id,
        "workshop": sent.workshop_id,
        "branch": sent.workshop.branch_code,
        "month": sent.month,
        "rows": str(sent.rows.count()),
    }


if __name__ == "__main__":
    from wsgiref.simple_server import WSGIRequestHandler, make_server

    WSGIRequestHandler.log_message = lambda *_: None  # type: ignore[method-assign]
    call_command("migrate", verbosity=0)
    load()
    facts = Path(sys.argv[1])
    with make_server("127.0.0.1", int(sys.argv[2]), WSGIHandler()) as server:
        draft = facts.with_suffix(".draft")
        draft.write_text(json.dumps(known()))
        draft.replace(facts)
        server.serve_forever()
