"""How a person of the sandbox registers, signs in and reads the virtual phone."""

import json
import re
import time
from dataclasses import dataclass
from typing import Any

from pyreqwest.client import SyncClientBuilder

from panjereh.runtime.environment import Environment
from panjereh.sandbox.walker import Page, Walker, WrongPage

SMS_PATIENCE_SECONDS = 15.0
_CODE = re.compile(r"#(\d{6})\b")


@dataclass
class VirtualPhone:
    """The messages of one number, asked as a machine asks."""

    env: Environment
    mobile: str

    def messages(self) -> list[str]:
        """Texts, newest first."""
        answer = (
            SyncClientBuilder()
            .build()
            .post(f"{self.env.inner_urls['phone']}/messages")
            .headers({"host": "phone.localhost", "content-type": "application/json"})
            .body_text(json.dumps({"mobile": self.mobile}))
            .build()
            .send()
        )
        return [m["text"] for m in json.loads(bytes(answer.bytes()))["messages"]]

    def wait_for(self, part: str, *, after: int = 0) -> str:
        """The newest text with `part` that came after the first `after` messages."""
        deadline = time.monotonic() + SMS_PATIENCE_SECONDS
        while time.monotonic() < deadline:
            texts = self.messages()
            fresh = texts[: len(texts) - after]
            if found := next((t for t in fresh if part in t), None):
                return found
            time.sleep(0.05)
        raise WrongPage(f"no SMS with {part!r} arrived in {SMS_PATIENCE_SECONDS:.0f} s")

    def code(self, *, after: int) -> str:
        found = _CODE.search(self.wait_for("#", after=after))
        if found is None:
            raise WrongPage("the newest SMS carries no code")
        return found[1]


@dataclass
class Somebody:
    """One person with a browser of their own and a phone."""

    facts: dict[str, Any]
    walker: Walker
    phone: VirtualPhone

    def sign_in(self, page: Page) -> Page:
        """From the sign-on's login page to where the person wanted to go; registers if need be."""
        page = self.walker.click(page, "/register/")
        page = self.walker.submit(page, {"national_id": self.facts["national_id"]})
        page = self.walker.submit(page, self._birth_date())
        count = len(self.phone.messages())
        page = self.walker.submit(page, {"mobile": self.facts["mobile"]})
        page = self.walker.submit(page, {"code": self.phone.code(after=count)})
        if "/login/" in (page.main_form().get("action") or ""):
            return self._sign_in_again(page)
        return self.walker.press(page, page.main_form())

    def _sign_in_again(self, page: Page) -> Page:
        count = len(self.phone.messages())
        page = self.walker.press(page, page.main_form())
        return self.walker.submit(page, {"code": self.phone.code(after=count)})

    def _birth_date(self) -> dict[str, str]:
        year, month, day = self.facts["birth_date_jalali"].split("/")
        return {
            "birth_date_0": str(int(day)),
            "birth_date_1": str(int(month)),
            "birth_date_2": str(int(year)),
        }


def somebody(env: Environment, facts: dict[str, Any]) -> Somebody:
    return Somebody(facts, Walker(), VirtualPhone(env, facts["mobile"]))
