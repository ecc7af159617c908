"""`panjereh up --nodes 3`: what such a platform opens, and what a home refuses to become."""

from pathlib import Path

import pytest

from panjereh.runtime.environment import DOORS, Environment
from panjereh.runtime.services import nats_of, platform_services, ports_of
from panjereh.runtime.up import UpRefused, check_nodes


def surroundings(home: Path, **more: str) -> Environment:
    told = {"PANJEREH_HOME": str(home), "PANJEREH_PORT": "9000"}
    return Environment(told | {f"PANJEREH_{name}": value for name, value in more.items()})


def test_one_server_and_one_gateway_are_the_usual(tmp_path: Path) -> None:
    env = surroundings(tmp_path)
    assert (env.nodes, env.gateways, env.nats_replicas) == (1, 1, 1)
    assert env.nats_servers == ["nats://127.0.0.1:9009"]
    assert env.exchange_url == "http://127.0.0.1:9003"
    assert "exchange-2" not in [service.name for service in platform_services(env)]


@pytest.mark.req("NIX-31")
def test_a_cluster_has_three_servers_and_two_gateways(tmp_path: Path) -> None:
    env = surroundings(tmp_path, NODES="3")
    names = [service.name for service in platform_services(env)]
    assert {"nats-1", "nats-2", "nats-3", "exchange", "exchange-2"} <= set(names)
    assert (env.gateways, env.nats_replicas, len(env.nats_servers)) == (2, 3, 3)
    assert env.exchange_url == "http://127.0.0.1:9003,http://127.0.0.1:9023"


def test_each_port_of_a_cluster_has_one_user(tmp_path: Path) -> None:
    env = surroundings(tmp_path, NODES="3")
    servers = nats_of(env)
    opened = [port for server in servers for port in (server.port, server.monitor_port)]
    opened += [port for port in servers[0].cluster.route_ports if servers[0].cluster]
    for node in ("1", "2"):
        gateway = surroundings(tmp_path, NODES="3", GATEWAY_NODE=node)
        opened += [gateway.door_port(door) for door in DOORS]
    assert len(opened) == len(set(opened))
    assert set(opened) <= ports_of(env).keys()


def test_the_servers_of_a_cluster_know_one_another(tmp_path: Path) -> None:
    for server in nats_of(surroundings(tmp_path, NODES="3")):
        server.prepare()
        written = server.configuration.read_text()
        assert all(f"nats-route://127.0.0.1:{port}" in written for port in (9024, 9027, 9030))


def test_a_gateway_knows_its_own_names_only(tmp_path: Path) -> None:
    first = surroundings(tmp_path, NODES="3").gateway_authorities
    second = surroundings(tmp_path, NODES="3", GATEWAY_NODE="2").gateway_authorities
    assert "127.0.0.1:9003" in first
    assert "127.0.0.1:9023" in second
    assert not {name for name in first & second if name}
    told = surroundings(
        tmp_path, GATEWAY_AUTHORITIES="A.example.ir", EXCHANGE_URL="https://nix.example.ir"
    )
    assert {"a.example.ir", "nix.example.ir"} <= told.gateway_authorities


def test_production_takes_a_gateway_for_one_of_several_unless_told(tmp_path: Path) -> None:
    assert surroundings(tmp_path, PROFILE="production").gateways == 2
    assert surroundings(tmp_path, PROFILE="production", GATEWAYS="1").gateways == 1


def test_what_was_chosen_is_remembered(tmp_path: Path) -> None:
    (tmp_path / "nodes").write_text("3")
    assert surroundings(tmp_path).nodes == 3


@pytest.mark.parametrize(("begun", "asked"), [("nats", "3"), ("nats-1", "1")])
def test_a_home_keeps_the_shape_it_began_with(tmp_path: Path, begun: str, asked: str) -> None:
    (tmp_path / begun).mkdir()
    with pytest.raises(UpRefused, match="was begun with --nodes"):
        check_nodes(surroundings(tmp_path, NODES=asked))


def test_two_servers_would_stop_when_one_is_lost(tmp_path: Path) -> None:
    with pytest.raises(UpRefused, match="one server or three"):
        check_nodes(surroundings(tmp_path, NODES="2"))
