"""A citizen of the sandbox in a real browser with scripts off: does what people do."""

import time
from typing import Any

from playwright.sync_api import Page

from panjereh.runtime.environment import Environment
from panjereh.sandbox.demo.people import VirtualPhone

SERVICE = "civil-registration.newborn-certificate"
PATIENCE_SECONDS = 40.0


class Citizen:
    def __init__(
        self, platform: Environment, facts: dict[str, Any], page: Page, lang: str = "fa"
    ) -> None:
        self.platform, self.facts, self.page, self.lang = platform, facts, page, lang
        self.phone = VirtualPhone(platform, facts["mobile"])

    def open(self, site: str, path: str = "") -> Page:
        # The agency's own host, among those that share an installation.
        host = self.platform.public_urls[site].replace("//agency.", "//civil-registration.agency.")
        self.page.goto(f"{host}/{self.lang}/{path}")
        return self.page

    def reads(self) -> str:
        return " ".join(self.page.inner_text("main").split())

    def presses(self, label: str = "") -> None:
        """The first button of the page, or the one with this label."""
        chosen = f"main button[type=submit]:has-text('{label}')" if label else "main form button"
        self.page.locator(chosen).first.click()

    def finds_the_service(self) -> None:
        self.open("window")
        self.page.fill("input[name=q]", "گرفتن شناسنامه بچه")
        self.page.keyboard.press("Enter")
        self.page.locator(f"a[href*='/services/{SERVICE}/']").first.click()

    def starts(self) -> None:
        self.page.locator(f"a[href*='/go/{SERVICE}/']").first.click()

    def registers(self) -> None:
        """From the sign-on's login page through every question to the confirmed account."""
        self.begins_registration()
        self.types_the_code()
        self.presses()

    def begins_registration(self) -> None:
        self.page.locator("main a[href*='/register/']").first.click()
        self.answers_the_questions()

    def answers_the_questions(self) -> None:
        self.answers(national_id=self.facts["national_id"])
        self.gives_birth_date(self.facts["birth_date_jalali"])
        self.messages_before = len(self.phone.messages())
        self.answers(mobile=self.facts["mobile"])

    def gives_birth_date(self, jalali: str) -> None:
        year, month, day = (str(int(part)) for part in jalali.split("/"))
        self.page.fill("[name=birth_date_0]", day)
        self.page.select_option("[name=birth_date_1]", month)
        self.page.fill("[name=birth_date_2]", year)
        self.presses()

    def types_the_code(self) -> None:
        self.answers(code=self.phone.code(after=self.messages_before))

    def answers(self, **fields: str) -> None:
        for name, value in fields.items():
            self.page.fill(f"main [name={name}]", value)
        self.presses()

    def arrives_at_the_form(self) -> None:
        """Finds the service, registers, is at the agency's form."""
        self.finds_the_service()
        self.starts()
        self.registers()

    @property
    def child_name(self) -> str:
        return "نگار" if self.expects_a_girl else "آرش"

    def confirms_the_birth(self) -> None:
        shown = self.reads()
        self.expects_a_girl = "دختر" in shown or "girl" in shown.lower()
        self.presses()

    def reaches_the_address(self) -> None:
        self.confirms_the_birth()
        self.presses()
        self.answers(child_name=self.child_name)

    def confirms_the_address(self) -> None:
        """The postal code is offered from the residence registry."""
        self.presses()
        self.page.locator("main input[type=radio][value=yes]").check()
        self.presses()

    def sends(self) -> str:
        """From the review page; answers the tracking id."""
        self.presses()
        return self.page.url.split("/requests/")[1].split("/")[0]

    def follows_the_document(self) -> None:
        self.page.locator("#document-link").click()

    def opens_the_first_letter(self) -> None:
        self.page.locator("main a[href*='/ebox/']").first.click()

    def waits_until(self, css: str) -> None:
        """Reload as a person would until something appears."""
        address, deadline = self.page.url, time.monotonic() + PATIENCE_SECONDS
        while not self.page.locator(css).count():
            assert time.monotonic() < deadline, f"{css} did not appear: {self.reads()[:900]}"
            self.page.wait_for_timeout(200)
            self.page.goto(address)
