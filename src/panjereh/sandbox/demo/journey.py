"""The journey of a newborn's birth certificate, walked as its people walk it."""

import re
import shutil
import subprocess
import time
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from panjereh.runtime.environment import Environment
from panjereh.runtime.person import cast_member
from panjereh.sandbox.demo.people import Somebody, somebody
from panjereh.sandbox.demo.story import Story, floor_of
from panjereh.sandbox.walker import Page, Walker, WrongPage

EVERYDAY_WORDS = "گرفتن شناسنامه بچه"
SERVICE = "civil-registration.newborn-certificate"
GIRL, BOY = "نگار", "آرش"
PATIENCE_SECONDS = 30.0
_TRACKING = re.compile(r"/(?:cases|requests)/([A-Z0-9-]{8,})/")


@dataclass
class Journey:
    env: Environment
    story: Story
    mother_facts: dict[str, Any]
    tracking_id: str = field(default="", init=False)
    child_name: str = field(default=BOY, init=False)
    sent_at: float = field(default=0.0, init=False)
    """of a monotonic clock, when she pressed send"""

    @cached_property
    def mother(self) -> Somebody:
        return self._somebody(self.mother_facts)

    def walk(self) -> None:
        """Every deed in its order; the first wrong page ends the walk with `WrongPage`."""
        page = self.finds_the_service()
        page = self.registers(page)
        page = self.fills_in(page)
        self.waits_for_delivery(page)
        pdf = self.opens_the_certificate()
        self.anybody_verifies(pdf)
        self.rates()
        self.father_sees_the_child()
        self.operator_sees_the_calls()

    def finds_the_service(self) -> Page:
        walker = self.mother.walker
        page = walker.open(self.env.public_urls["window"] + "/fa/")
        with self.story.hop("1 window", f"she searches «{EVERYDAY_WORDS}»"):
            page = walker.submit(page, {"q": EVERYDAY_WORDS})
            return walker.click(page, f"/services/{SERVICE}/")

    def registers(self, page: Page) -> Page:
        with self.story.hop("2 sso", "registers with id, birth date, mobile and the code by SMS"):
            page = self.mother.walker.click(page, "/go/")
            page = self.mother.sign_in(page)
        if floor_of(page.url) != "3 agency":
            raise WrongPage(f"the way from sign-on to the agency ended at {page.url}")
        self.story.tell("3 agency", "is at the agency's window without a second login", 0)
        return page

    def fills_in(self, page: Page) -> Page:
        """Every page shows what the registries know; only the name is typed."""
        with self.story.hop("3 agency", "sees notice and parents filled in, types the name, sends"):
            while not _TRACKING.search(page.url):
                form = page.main_form()
                self.sent_at = time.perf_counter()
                page = self.mother.walker.press(page, form, self._answers(form, page))
        found = _TRACKING.search(page.url)
        self.tracking_id = found[1] if found else ""
        self.story.facts["tracking_id"] = self.tracking_id
        with self.story.hop("national", "the tracking id arrives by SMS"):
            self.mother.phone.wait_for(self.tracking_id)
        return page

    def _answers(self, form: Any, page: Page) -> dict[str, str]:
        if "دختر" in page.text:
            self.child_name = GIRL  # the notice of the hospital says so
        answers = {}
        for name in form.fields:
            choices = form.xpath(f".//input[@type='radio'][@name='{name}']/@value")
            if "name" in name:
                answers[name] = self.child_name
            elif choices:
                answers[name] = "yes" if "yes" in choices else choices[0]
        return answers

    def waits_for_delivery(self, page: Page) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        with self.story.hop(
            "3 agency", "the process asks, the table decides, the child is entered"
        ):
            while "/d/" not in (page := self.mother.walker.open(page.url)).body.decode():
                if time.monotonic() > deadline:
                    raise WrongPage(f"no certificate after {PATIENCE_SECONDS} s: {page.text[:900]}")
                time.sleep(0.05)
        self.story.facts["verify_address"] = page.link("/d/")

    def opens_the_certificate(self) -> Path:
        walker = self.mother.walker
        with self.story.hop("1 window", "the certificate lies in her e-box"):
            page = walker.open(self.env.public_urls["window"] + "/fa/ebox/")
            page = walker.click(page, "شناسنامه")
            file = walker.open(page.link("/documents/"))
        if not file.body.startswith(b"%PDF"):
            raise WrongPage("the e-box did not hand out a PDF")
        folder = self.env.home / "demo"
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{self.tracking_id}.pdf"
        path.write_bytes(file.body)
        self.story.facts["certificate"] = str(path)
        return path

    def anybody_verifies(self, pdf: Path) -> None:
        with self.story.hop("national", "a stranger verifies it by the address of its QR code"):
            page = Walker().open(self.story.facts["verify_address"])
            page.expect("معتبر")
        if shutil.which("pdfsig"):
            with self.story.hop("outside", "Debian's pdfsig says: signature is valid"):
                said = subprocess.run(
                    ["pdfsig", "-nocert", str(pdf)], capture_output=True, text=True, check=False
                )
                if "Signature is Valid" not in said.stdout:
                    raise WrongPage(f"pdfsig says: {said.stdout} {said.stderr}")

    def rates(self) -> None:
        walker, window = self.mother.walker, self.env.public_urls["window"]
        with self.story.hop("1 window", "she rates the service, and the rating shows at it"):
            page = self._until(
                f"{window}/fa/requests/{self.tracking_id}/", "//input[@name='stars']"
            )
            walker.submit(page, {"stars": "5"})
            self._until(f"{window}/fa/services/{SERVICE}/", "//*[contains(@class,'app-stars')]")

    def _until(self, url: str, xpath: str) -> Page:
        """Read models follow their events within a moment."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            page = self.mother.walker.open(url)
            if page.tree.xpath(xpath):
                return page
            if time.monotonic() > deadline:
                raise WrongPage(f"{xpath} did not appear on {url}: {page.text[:600]}")
            time.sleep(0.05)

    def father_sees_the_child(self) -> None:
        father = self._somebody(self.mother_facts["husband"])
        with self.story.hop("2 sso", "the father signs in for the first time"):
            page = father.walker.open(self.env.public_urls["window"] + "/fa/me/family/")
            page = father.sign_in(page)
        with self.story.hop("1 window", "and sees the child in his family"):
            page.expect(self.child_name)

    def operator_sees_the_calls(self) -> None:
        operator = self._somebody(cast_member(self.env, "operator"))
        url = f"{self.env.public_urls['operator']}/en/traffic/?case={self.tracking_id}"
        with self.story.hop("4 exchange", "the operator sees every call of it, without content"):
            page = operator.sign_in(operator.walker.open(url))
        for consumer, service, milliseconds in _calls(page):
            self.story.tell("4 exchange", f"{consumer} → {service}", milliseconds)

    def _somebody(self, facts: dict[str, Any]) -> Somebody:
        return somebody(self.env, facts)


def _calls(page: Page) -> list[tuple[str, str, float]]:
    """Consumer, service and milliseconds of each line of the traffic table, oldest first."""
    lines = [
        [" ".join(cell.text_content().split()) for cell in row.iter("td")]
        for row in page.tree.iter("tr")
    ]
    found = [(line[0], line[1], float(line[-1])) for line in lines if line]
    if not found:
        raise WrongPage(f"the operator sees no calls: {page.text[:600]}")
    return found[::-1]
