"""Metrics of sites and workers for Prometheus, on an address of their own and only when asked for.

PANJEREH_METRICS names a first port; the gateway's workers count from it, sites from 100 above it
and workers from 200 above it, each by its place in SITES.
"""

from panjereh.runtime.environment import SITES, Environment

SITE, WORKER = 100, 200


def serve_metrics(env: Environment, site: str, above: int) -> None:
    if not env.get("METRICS"):
        return
    from prometheus_client import start_http_server  # noqa: PLC0415  # only who wants them pays

    port = int(env.get("METRICS")) + above + SITES[site][1]
    start_http_server(port, addr=env.get("METRICS_BIND", "127.0.0.1"))
