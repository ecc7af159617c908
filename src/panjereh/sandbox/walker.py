"""A browser without scripts: follows links, fills in forms, keeps cookies by host.

The demo walks the platform with it as a person does, which also proves that no page needs
JavaScript. Names under `.localhost` are always this machine.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit

from lxml import html
from pyreqwest.client import SyncClient, SyncClientBuilder

MAX_REDIRECTS = 12

Visit = Callable[[str, str, int], None]  # method, url, status: called after each exchange


class WrongPage(AssertionError):
    """A page is not what the walk expects; the message shows what a person would read there."""


@dataclass
class Page:
    url: str
    status: int
    body: bytes
    headers: dict[str, str]

    @property
    def tree(self) -> Any:
        return html.document_fromstring(self.body.decode())

    @property
    def text(self) -> str:
        """What a person reads, in one line, without the marks that isolate directions."""
        return " ".join(self.tree.find("body").text_content().split())

    def expect(self, *words: str) -> "Page":
        for word in words:
            if word not in self.text:
                raise WrongPage(f"{word!r} is not on {self.url}: {self.text[:600]}")
        return self

    def link(self, part: str) -> str:
        """The address of the first link whose text or address holds `part`."""
        for anchor in self.tree.iter("a"):
            target = anchor.get("href", "")
            if part in " ".join(anchor.text_content().split()) or part in target:
                return str(urljoin(self.url, target))
        raise WrongPage(f"no link {part!r} on {self.url}: {self.text[:600]}")

    def main_form(self) -> Any:
        """The form of the page itself; header and footer may hold others."""
        found = self.tree.xpath("//main//form")
        if not found:
            raise WrongPage(f"no form on {self.url}: {self.text[:600]}")
        return found[-1]

    def form(self, *fields: str) -> Any:
        """The first form that holds all these fields."""
        for form in self.tree.forms:
            if all(name in form.fields for name in fields):
                return form
        raise WrongPage(f"no form with {fields} on {self.url}: {self.text[:600]}")


@dataclass
class Walker:
    visited: Visit = lambda method, url, status: None
    cookies: dict[str, dict[str, str]] = field(default_factory=dict)
    client: SyncClient = field(
        default_factory=lambda: SyncClientBuilder().follow_redirects(False).build()
    )

    def open(self, url: str) -> Page:
        return self._follow("GET", url, b"")

    def click(self, page: Page, part: str) -> Page:
        return self.open(page.link(part))

    def submit(self, page: Page, values: dict[str, str], *needs: str) -> Page:
        """Fill in the first form with these fields, keep what it already holds, send it."""
        return self.press(page, page.form(*(needs or values)), values)

    def press(self, page: Page, form: Any, values: dict[str, str] | None = None) -> Page:
        """Send this form."""
        filled = dict(form.form_values()) | (values or {})
        target = urljoin(page.url, form.get("action") or page.url)
        data = urlencode(filled)
        if form.method == "GET":
            return self.open(f"{target}?{data}")
        return self._follow("POST", target, data.encode(), referer=page.url)

    def _follow(self, method: str, url: str, body: bytes, referer: str = "") -> Page:
        for _ in range(MAX_REDIRECTS):
            page = self._send(method, url, body, referer)
            if page.status not in {301, 302, 303}:
                break
            method, body, url = "GET", b"", urljoin(url, page.headers["location"])
        if page.status >= 400:
            raise WrongPage(f"{page.status} at {page.url}: {page.text[:600]}")
        return page

    def _send(self, method: str, url: str, body: bytes, referer: str) -> Page:
        site = urlsplit(url)
        here = f"http://127.0.0.1:{site.port or 80}"
        query = f"?{site.query}" if site.query else ""
        response = (
            self.client.request(method, f"{here}{site.path or '/'}{query}")
            .headers(self._headers(site.netloc, body, referer))
            .body_bytes(body)
            .build()
            .send()
        )
        self._keep_cookies(site.netloc, response.headers.getall("set-cookie"))
        page = Page(url, response.status, bytes(response.bytes()), dict(response.headers))
        self.visited(method, url, page.status)
        return page

    def _headers(self, host: str, body: bytes, referer: str) -> dict[str, str]:
        jar = self.cookies.get(host, {})
        optional = {
            "cookie": "; ".join(f"{name}={value}" for name, value in jar.items()),
            "content-type": "application/x-www-form-urlencoded" if body else "",
            "referer": referer,
        }
        return {"host": host, "accept": "text/html"} | {k: v for k, v in optional.items() if v}

    def _keep_cookies(self, host: str, lines: list[str]) -> None:
        jar = self.cookies.setdefault(host, {})
        for line in lines:
            for name, morsel in SimpleCookie(line).items():
                if morsel["max-age"] == "0" or not morsel.value:
                    jar.pop(name, None)
                else:
                    jar[name] = morsel.value
