"""What `up` prints when everything answers: one screen, for a newcomer."""

from panjereh.runtime.environment import Environment
from panjereh.runtime.person import person_to_try

PERSON_FACTS = {
    "given name": "given_name",
    "family name": "family_name",
    "national id": "national_id",
    "birth date (Jalali)": "birth_date_jalali",
    "mobile": "mobile",
    "postal code": "postal_code",
}


def text(env: Environment) -> str:
    return "\n".join(["", *_addresses(env), "", *_person(env), *_next_steps(env)])


def _addresses(env: Environment) -> list[str]:
    urls = env.public_urls
    rows = [
        ("National window", f"{urls['window']}/fa/"),
        ("Sign-on", urls["sso"]),
        ("Civil Registration", _agency_address(urls["agency"])),
        ("Exchange operator", urls["operator"]),
        ("Verify a document", urls["national"]),
    ]
    if not env.production:
        rows.append(("Virtual phone", urls["phone"]))
    return ["Panjereh is up.", *(f"  {name:<20} {address}" for name, address in rows)]


def _agency_address(url: str) -> str:
    """Several agencies may share an installation; the sandbox has this one."""
    return url.replace("://agency.", "://civil-registration.agency.")


def _person(env: Environment) -> list[str]:
    if env.production:
        return []
    person = person_to_try(env)
    if not person:
        return []
    return [
        "Try it as a mother of a newborn (an invented person):",
        *(f"  {label:<20} {person[key]}" for label, key in PERSON_FACTS.items()),
        "",
    ]


def _next_steps(env: Environment) -> list[str]:
    if env.production:
        return ["Ctrl-C stops everything."]
    return [
        "Next:",
        "  make demo            the whole journey of a birth certificate, hop by hop",
        "  panjereh status      what runs, where, how much memory",
        "  docs/tour.md         what to look at first",
        "Ctrl-C stops everything; the next start keeps all data.",
    ]
