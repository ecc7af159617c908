"""What the surroundings tell a process: profile, home folder, addresses, databases, keys.

Everything comes from variables named `PANJEREH_*`; the supervisor sets them for its children, an
operator sets them in unit files. Missing ones fall back to the sandbox on this machine.
"""

import os
import secrets
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, Literal
from urllib.parse import parse_qs, unquote, urlsplit

Profile = Literal["sandbox", "production"]

FLOORS = ("window", "sso", "agency", "exchange", "registries", "national", "sandbox")

# name -> (host label, offset from the base port). A host of its own keeps cookies apart.
SITES: dict[str, tuple[str, int]] = {
    "window": ("window.localhost", 0),
    "sso": ("sso.localhost", 1),
    "agency": ("agency.localhost", 2),
    "exchange": ("exchange.localhost", 3),
    "operator": ("operator.localhost", 4),
    "registries": ("registries.localhost", 5),
    "national": ("national.localhost", 6),
    "phone": ("phone.localhost", 7),
}
# The exchange's listeners: the usual port is the plain one of the private bus.
DOORS: dict[str, int] = {"gsb": 3, "pgsb": 11, "gsb-tls": 12, "pgsb-tls": 13}
SMSC_OFFSET = 8
# Of a cluster: the doors of the second gateway are so much higher, and what each NATS node opens
# for clients, for its monitor and for the other nodes.
SECOND_GATEWAY = 20
NATS_NODES = ((9, 10, 24), (25, 26, 27), (28, 29, 30))
PORTS = DOORS["pgsb-tls"] + SECOND_GATEWAY + 1
LOOPBACK_NAMES = ("127.0.0.1", "localhost", "exchange.localhost")
DEFAULT_BASE_PORT = 8100


@dataclass(frozen=True)
class Environment:
    values: dict[str, str]

    def get(self, name: str, default: str = "") -> str:
        return self.values.get(f"PANJEREH_{name}", default)

    @property
    def profile(self) -> Profile:
        return "production" if self.get("PROFILE", "sandbox") == "production" else "sandbox"

    @property
    def production(self) -> bool:
        return self.profile == "production"

    @cached_property
    def home(self) -> Path:
        """`var` beside the code of a checkout, wherever the command is called from."""
        return Path(self.get("HOME") or self._default_home()).absolute()

    def _default_home(self) -> Path:
        checkout = self.package_root.parents[1]
        return (checkout if (checkout / "pyproject.toml").exists() else Path.cwd()) / "var"

    @property
    def keys(self) -> Path:
        return Path(self.get("KEYS", str(self.home / "keys")))

    @property
    def package_root(self) -> Path:
        return Path(__file__).resolve().parents[1]

    @cached_property
    def base_port(self) -> int:
        """Asked for, or as chosen at the last start: `status` and `demo` need not be told again."""
        return int(self.get("PORT") or _text_of(self.port_file) or DEFAULT_BASE_PORT)

    @property
    def port_file(self) -> Path:
        return self.home / "port"

    def port(self, site: str) -> int:
        return self.base_port + SITES[site][1]

    def door_port(self, door: str) -> int:
        """Where this gateway listens: `gsb`, `pgsb`, and `-tls` for mutual TLS."""
        return self._door_port(door, int(self.get("GATEWAY_NODE", "1")))

    def _door_port(self, door: str, node: int) -> int:
        return self.base_port + DOORS[door] + SECOND_GATEWAY * (node - 1)

    @property
    def nodes(self) -> int:
        """How many servers of the stream `up` starts: one, or a cluster of three."""
        return int(self.get("NODES") or _text_of(self.nodes_file) or "1")

    @property
    def nodes_file(self) -> Path:
        return self.home / "nodes"

    @property
    def gateways(self) -> int:
        """How many gateways serve this exchange, on whatever machines. Production with one says
        so on purpose: a gateway that is not alone takes only messages that are signed for it."""
        alone = "1" if self.nodes == 1 and not self.production else "2"
        return int(self.get("GATEWAYS", alone))

    @property
    def gateway_authorities(self) -> frozenset[str]:
        """The names under which this gateway is called."""
        ports = [self.door_port(door) for door in DOORS]
        named = {f"{name}:{port}" for name in LOOPBACK_NAMES for port in ports}
        told = [name.lower() for name in self.get("GATEWAY_AUTHORITIES").split(",") if name]
        public = urlsplit(self.get("EXCHANGE_URL")).netloc.lower()
        return frozenset({*named, *told, public})

    @property
    def exchange_url(self) -> str:
        """How this installation's own systems call: `EXCHANGE_DOOR` names another of the doors.
        Of several gateways with commas between, each is tried when the one before fails."""
        door = self.get("EXCHANGE_DOOR", "gsb")
        if told := self.get("EXCHANGE_INNER_URL" if door == "gsb" else "EXCHANGE_DOOR_URL"):
            return told
        scheme = "https" if door.endswith("-tls") else "http"
        ports = [self._door_port(door, node) for node in range(1, (self.nodes > 1) + 2)]
        return ",".join(f"{scheme}://127.0.0.1:{port}" for port in ports)

    @property
    def public_urls(self) -> dict[str, str]:
        return {
            site: self.get(f"{site.upper()}_URL", f"http://{host}:{self.base_port + offset}")
            for site, (host, offset) in SITES.items()
        }

    @property
    def inner_urls(self) -> dict[str, str]:
        """Where a process calls: a resolver need not know *.localhost."""
        return {
            site: self.get(f"{site.upper()}_INNER_URL", f"http://127.0.0.1:{self.port(site)}")
            for site in SITES
        }

    @property
    def messages_url(self) -> str:
        """Where gateways hand over messages that are to be kept for their receivers."""
        return self.get("MESSAGES_URL", f"{self.inner_urls['operator']}/exchange-messages")

    @property
    def allowed_hosts(self) -> list[str]:
        return self.get("ALLOWED_HOSTS", ".localhost,127.0.0.1,testserver").split(",")

    @property
    def nats_servers(self) -> list[str]:
        """One server of the stream, or all of a cluster (with commas between)."""
        ports = [self.base_port + offsets[0] for offsets in NATS_NODES[: self.nodes]]
        told = [url for url in self.get("NATS_URL").split(",") if url]
        return told or [f"nats://127.0.0.1:{port}" for port in ports]

    @property
    def nats_replicas(self) -> int:
        """On how many servers each message lies before it counts as accepted."""
        return int(self.get("NATS_REPLICAS", str(self.nodes)))

    @property
    def evidence_origin(self) -> str:
        """The name of the log of calls for ever: production sets it once and never again."""
        netloc = urlsplit(self.public_urls["operator"]).netloc
        return self.get("EVIDENCE_ORIGIN", f"{netloc}/log")

    @property
    def smsc(self) -> tuple[str, int]:
        host, _, port = self.get("SMSC", f"127.0.0.1:{self.base_port + SMSC_OFFSET}").partition(":")
        return host, int(port)

    @property
    def smsc_bind(self) -> dict[str, Any]:
        """Whom the mobile operator knows us as (SMPP passwords have eight characters at most)."""
        return {
            "system_id": self.get("SMSC_USER", "panjereh"),
            "password": self.secret("smsc")[:8],
            "window": int(self.get("SMSC_WINDOW", "10")),
        }

    def database_url(self, floor: str) -> str:
        socket = (self.home / "postgres" / "run").resolve()  # a link where the name is too long
        return self.get(
            f"{floor.upper()}_DATABASE_URL",
            f"postgresql:///panjereh_{floor}?host={socket}&user=postgres",
        )

    def database(self, floor: str) -> dict[str, Any]:
        """Django's settings of the floor's database."""
        url = urlsplit(self.database_url(floor))
        query = {k: v[0] for k, v in parse_qs(url.query).items()}
        return {
            "ENGINE": "panjereh.common.postgres",
            "NAME": unquote(url.path.removeprefix("/")),
            "USER": unquote(url.username or query.get("user", "")),
            "PASSWORD": unquote(url.password or ""),
            "HOST": url.hostname or query.get("host", ""),
            "PORT": str(url.port or query.get("port", "")),
            **self._keeping_connections(),
        }

    def _keeping_connections(self) -> dict[str, Any]:
        """A web process shares a bounded pool among its threads; others keep one connection."""
        if size := int(self.get("POOL", "0")):
            # As many as threads, so nobody waits for another's: waiting means that the database
            # is away, which health and pages should tell soon, and see soon that it is back.
            pool = {"min_size": 1, "max_size": size, "max_idle": 60}
            pool |= {"timeout": 2, "reconnect_timeout": 2}
            return {"CONN_MAX_AGE": 0, "OPTIONS": {"pool": pool}}
        return {"CONN_MAX_AGE": 600, "CONN_HEALTH_CHECKS": True}

    def signin(self, client_id: str) -> dict[str, str]:
        """How this site signs people in: issuer, where to call it, and who the site is there."""
        return {
            "issuer": self.public_urls["sso"],
            "inner_issuer": self.inner_urls["sso"],
            "client_id": client_id,
            "client_secret_file": str(self.keys / "clients" / f"{client_id}.secret"),
        }

    def secret(self, name: str) -> str:
        """A secret of this installation, made on first use in the sandbox, given in production."""
        path = self.keys / f"{name}.secret"
        if not path.exists():
            if self.production:
                raise SystemExit(f"production needs the secret file {path}")
            _write_once(path, secrets.token_urlsafe(48))
        return path.read_text().strip()


def _text_of(path: Path) -> str:
    """What was noted at an earlier start; empty when nothing was."""
    try:
        return path.read_text().strip()
    except OSError:
        return ""


def _write_once(path: Path, text: str) -> None:
    """Several processes may start at once; the first one's text stays and is never seen half."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    draft.touch(mode=0o600)
    draft.write_text(text)
    with suppress(FileExistsError):
        path.hardlink_to(draft)
    draft.unlink()


@lru_cache
def environment() -> Environment:
    return Environment(dict(os.environ))
