"""A person with a browser, for sites and programs of others that sign people in with us."""

from urllib.parse import urljoin
from uuid import uuid4

from exchange_side import SEX, Citizen, ExchangeSide

from panjereh.sandbox.faces.camera import camera_picture
from panjereh.sandbox.walker import Page, Walker


class Browser:
    """Follows links, and does what the sign-on asks for on the way: a code, a picture."""

    def __init__(self, mother: Citizen, exchange: ExchangeSide, sso: str = "sso.localhost") -> None:
        self.walker, self.mother, self.exchange, self.sso = Walker(), mother, exchange, sso

    def through(self, address: str) -> Page:
        """To the client's own site."""
        page = self.walker.open(address)
        if onward := _refresh(page):
            page = self.walker.open(onward)
        return self._answer(page)

    def press(self, address: str) -> Page:
        """What a button of the client's page sends."""
        return self._answer(self.walker._follow("POST", address, b"pressed=yes"))

    def _answer(self, page: Page) -> Page:
        if self.sso in page.url and "/login/" in page.url:
            page = self._sign_in(page)
        if self.sso in page.url and "/step-up/" in page.url:
            page = self.walker.click(page, "/face/")
        if self.sso in page.url and "/face/" in page.url:
            page = self._show_face(page)
        return page

    def _sign_in(self, page: Page) -> Page:
        known = self.exchange.count_to(self.mother.mobile)
        page = self.walker.submit(page, {"national_id": self.mother.national_id})
        code = self.exchange.wait_for_sms(self.mother.mobile, after=known).code
        return self.walker.submit(page, {"code": code})

    def _show_face(self, page: Page) -> Page:
        """The one form that is not urlencoded: the walker sends no files."""
        token = page.form("csrfmiddlewaretoken").fields["csrfmiddlewaretoken"]
        edge, walker = uuid4().hex, self.walker
        picture = camera_picture(self.mother.national_id, SEX, shot=0)
        body = _part(edge, 'name="csrfmiddlewaretoken"', "text/plain", token.encode())
        body += _part(edge, 'name="photo"; filename="me.jpg"', "image/jpeg", picture)
        answer = self._send(page.url, body + f"--{edge}--\r\n".encode(), edge)
        assert answer.status in (302, 303), answer.text
        return walker.open(urljoin(page.url, answer.headers["location"]))

    def _send(self, url: str, body: bytes, edge: str) -> Page:
        usual = self.walker._headers

        def headers(host: str, sent: bytes, referer: str) -> dict[str, str]:
            return usual(host, sent, referer) | {
                "content-type": f"multipart/form-data; boundary={edge}"
            }

        self.walker._headers = headers  # type: ignore[method-assign]
        try:
            return self.walker._send("POST", url, body, url)
        finally:
            self.walker._headers = usual  # type: ignore[method-assign]


def _refresh(page: Page) -> str:
    """Apache leads on by a tag of its page where it may not redirect any more."""
    if not page.body.startswith(b"<"):
        return ""
    found = page.tree.xpath("//meta[translate(@http-equiv, 'R', 'r')='refresh']/@content")
    return str(found[0]).partition("url=")[2].strip("'\"") if found else ""


def _part(edge: str, what: str, kind: str, content: bytes) -> bytes:
    head = f"--{edge}\r\nContent-Disposition: form-data; {what}\r\nContent-Type: {kind}\r\n\r\n"
    return head.encode() + content + b"\r\n"
