"""What production refuses to start on. Every check answers with lines that say what to do."""

from collections.abc import Callable, Iterator
from ipaddress import ip_address
from urllib.parse import urlsplit

import psycopg

from panjereh.runtime.environment import FLOORS, Environment

SANDBOX_MARKER = "SANDBOX"
SANDBOX_DATABASE_NOTE = "Panjereh sandbox: invented people"
NEEDED_SECRETS = (
    "django.secret",
    "clients/national-window.secret",
    "clients/civil-registration-window.secret",
    "clients/exchange-operator.secret",
    "evidence/log.skey",
    "evidence/nonce.secret",
    "smsc.secret",
    "mailbox-master.secret",
    "sso-pairwise.secret",
    "sso-digests.secret",
    "sso-factors.secret",
    "feed-keys.secret",
    "exchange-lists.secret",
)
NEEDED_ADDRESSES = ("window", "sso", "agency", "operator", "national")
PRODUCTION_FLOORS = tuple(floor for floor in FLOORS if floor != "sandbox")

Check = Callable[[Environment], Iterator[str]]


def refuse_unfit_production(env: Environment) -> None:
    """End the process with every reason at once; a sandbox is never refused."""
    if env.production and (reasons := refusals(env)):
        raise SystemExit("Production refuses to start:\n" + "".join(f"  - {r}\n" for r in reasons))


def refusals(env: Environment) -> list[str]:
    return [reason for check in CHECKS for reason in check(env)]


def _sandbox_keys(env: Environment) -> Iterator[str]:
    for folder in {env.keys, env.home / "keys"}:
        if (folder / SANDBOX_MARKER).exists():
            yield f"{folder} holds sandbox keys; name a folder of real keys in PANJEREH_KEYS"


def _sandbox_certificates(env: Environment) -> Iterator[str]:
    """They carry their mark inside, so a copy without the marker file is known as well."""
    from cryptography import x509  # noqa: PLC0415  # not for processes that check nothing

    from panjereh.national.documents.keys import SANDBOX_MARK  # noqa: PLC0415  # brings Django

    for path in sorted(env.keys.rglob("*.crt")):
        certificate = x509.load_pem_x509_certificate(path.read_bytes())
        if SANDBOX_MARK in certificate.subject.rfc4514_string():
            yield f"{path} is a certificate of the sandbox"


def _missing_secrets(env: Environment) -> Iterator[str]:
    for name in NEEDED_SECRETS:
        path = env.keys / name
        if not path.is_file() or not path.read_text().strip():
            yield f"the secret {path} is missing or empty"
        elif path.stat().st_mode & 0o077:
            yield f"{path} can be read by other users: chmod 600"


def _missing_attestation_key(env: Environment) -> Iterator[str]:
    """It has a name of its own in each year or so, the last one signs."""
    if not any((env.keys / "attestation").glob("*.ed25519")):
        yield f"{env.keys}/attestation has no *.ed25519 to sign attestations with"


def _virtual_phone(env: Environment) -> Iterator[str]:
    host, _, port = env.get("SMSC").partition(":")
    if not host or not port:
        yield "PANJEREH_SMSC must name the mobile operator's SMSC; there is no virtual phone here"
    elif env.smsc == ("127.0.0.1", env.base_port + 8):
        yield "PANJEREH_SMSC names the virtual phone of the sandbox"


def _embedded_databases(env: Environment) -> Iterator[str]:
    for floor in PRODUCTION_FLOORS:
        if not env.get(f"{floor.upper()}_DATABASE_URL"):
            yield f"PANJEREH_{floor.upper()}_DATABASE_URL is not set; the embedded one is a toy"
        elif str(env.home) in env.database_url(floor):
            yield f"PANJEREH_{floor.upper()}_DATABASE_URL names the embedded database"
    if not env.get("NATS_URL"):
        yield "PANJEREH_NATS_URL is not set; the embedded NATS is a toy"


def _sandbox_people(env: Environment) -> Iterator[str]:
    """A database that the sandbox filled carries a note, wherever it was moved to."""
    for floor in PRODUCTION_FLOORS:
        if env.get(f"{floor.upper()}_DATABASE_URL") and _is_sandbox_database(env, floor):
            yield f"the database of {floor} was filled by the sandbox; begin with an empty one"


def _is_sandbox_database(env: Environment, floor: str) -> bool:
    try:
        with psycopg.connect(env.database_url(floor), connect_timeout=3) as wire:
            return note_of(wire) == SANDBOX_DATABASE_NOTE
    except psycopg.OperationalError:
        return False  # its absence is told by the health page, not here


def note_of(wire: "psycopg.Connection[tuple[str, ...]]") -> str:
    row = wire.execute(
        "SELECT coalesce(shobj_description(oid, 'pg_database'), '')"
        " FROM pg_database WHERE datname = current_database()"
    ).fetchone()
    return row[0] if row else ""


def _addresses(env: Environment) -> Iterator[str]:
    for site in NEEDED_ADDRESSES:
        url = urlsplit(env.get(f"{site.upper()}_URL"))
        if url.scheme != "https" or not url.hostname or _is_local(url.hostname):
            yield f"PANJEREH_{site.upper()}_URL must be the public https address of {site}"
    hosts = [host for host in env.get("ALLOWED_HOSTS").split(",") if host]
    public = [host.lstrip(".") for host in hosts if host != "127.0.0.1"]  # that one is for probes
    if not public or "*" in public or any(_is_local(host) for host in public):
        yield "PANJEREH_ALLOWED_HOSTS must list the real host names, none of them local or *"


def _is_local(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost") or host == "testserver"


CHECKS: tuple[Check, ...] = (
    _sandbox_keys,
    _sandbox_certificates,
    _missing_secrets,
    _missing_attestation_key,
    _virtual_phone,
    _embedded_databases,
    _sandbox_people,
    _addresses,
)
