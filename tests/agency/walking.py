"""Walk through the form of the newborn's certificate as a browser does."""

from typing import Any

from django.test import Client
from people import HOME_CODE, SERVICE

from panjereh.agency.models import Case

APPLY = f"/fa/services/{SERVICE}/apply/"


def page_url(page: str) -> str:
    return f"{APPLY}{page}/"


def post(client: Client, page: str, **data: Any) -> Any:
    return client.post(page_url(page), data)


def fill_in(client: Client, *, name: str = "آوا", code: str = HOME_CODE, right: bool = True) -> Any:
    """From the first page to the review; the response to the last answer."""
    client.get(APPLY, follow=True)
    for page in ("birth", "parents"):
        assert post(client, page).status_code == 302
    assert post(client, "name", child_name=name).status_code == 302
    assert post(client, "address", postal_code=code).status_code == 302
    return post(client, "address-confirm", confirmed="yes" if right else "no")


def submit(client: Client) -> Case:
    response = client.post(page_url("review"))
    assert response.status_code == 302, response.content.decode()
    return Case.objects.get(tracking_id=response.url.rstrip("/").rpartition("/")[2])
