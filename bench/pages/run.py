"""First views: bytes on the wire, and first paint on a slow phone, for the pages a citizen meets.

    .venv/bin/python bench/pages/run.py [--json FILE]

Slow 3G is emulated as 400 kbit/s with 400 ms latency and a processor four times slower. The limits:
under 100 KB moved, first paint under 2 s. It starts a platform of its own and ends by itself.
"""

import argparse
import json
import statistics
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from panjereh.sandbox.demo.own_platform import own_platform

SERVICE = "civil-registration.newborn-certificate"
RUNS = 3
SLOW = {"offline": False, "latency": 400, "downloadThroughput": 50_000, "uploadThroughput": 50_000}
PAGES = {
    "window home": ("window", "/{lang}/"),
    "search": ("window", "/{lang}/search/?q=شناسنامه"),
    "service": ("window", f"/{{lang}}/services/{SERVICE}/"),
    "agencies": ("window", "/{lang}/agencies/"),
    "sign-on": ("sso", "/{lang}/login/"),
    "agency home": ("agency", "/{lang}/"),
    "agency service": ("agency", f"/{{lang}}/services/{SERVICE}/"),
    "verify": ("national", "/{lang}/verify/"),
}
PAINT = "performance.getEntriesByName('first-contentful-paint')[0].startTime"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    with own_platform() as env, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium",
            args=["--no-sandbox", "--host-resolver-rules=MAP *.localhost 127.0.0.1"],
        )
        sites = env.public_urls | {
            "agency": env.public_urls["agency"].replace("//agency.", "//civil-registration.agency.")
        }
        figures = [
            {
                "page": name,
                "language": lang,
                **measure(browser, sites[site] + path.format(lang=lang)),
            }
            for name, (site, path) in PAGES.items()
            for lang in ("fa", "en")
        ]
        browser.close()
    print(f"{'page':<16}{'':<4}{'KB':>7}{'paint s':>9}")
    for row in figures:
        print(
            f"{row['page']:<16}{row['language']:<4}{row['kilobytes']:>7}{row['first_paint_s']:>9}"
        )
    if given.json:
        given.json.write_text(json.dumps(figures, indent=1))


def measure(browser: Browser, url: str) -> dict[str, float]:
    views = [first_view(browser, url) for _ in range(RUNS)]
    return {
        "kilobytes": round(statistics.median(v[0] for v in views) / 1024, 1),
        "first_paint_s": round(statistics.median(v[1] for v in views) / 1000, 2),
    }


def first_view(browser: Browser, url: str) -> tuple[float, float]:
    """Bytes on the wire and milliseconds to first paint, with nothing cached."""
    context = browser.new_context(viewport={"width": 360, "height": 720})
    page = context.new_page()
    wire = context.new_cdp_session(page)
    sizes: list[float] = []
    wire.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    wire.send("Network.enable")
    wire.send("Network.emulateNetworkConditions", SLOW)
    wire.send("Emulation.setCPUThrottlingRate", {"rate": 4})
    page.goto(url, wait_until="networkidle")
    paint = float(page.evaluate(PAINT))
    context.close()
    return sum(sizes), paint


if __name__ == "__main__":
    main()
