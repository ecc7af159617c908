"""Background work about holds."""

from procrastinate.contrib.django import app

from panjereh.agency.holds import telling
from panjereh.agency.job_queue import TELLING
from panjereh.agency.jobs import BackOff


@app.task(name=telling.NOTICE, queue=TELLING, retry=BackOff())
def tell_of_hold(hold_id: int) -> None:
    telling.send_notice(hold_id)
