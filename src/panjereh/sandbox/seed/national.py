"""What the national services know before the first request: who may send messages."""

from panjereh.sandbox.phone.senders import register_senders


def seed(people: int) -> None:
    register_senders()
