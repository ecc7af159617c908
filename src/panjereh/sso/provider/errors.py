"""What is wrong with a request, in the words of the protocol."""


class ClientError(Exception):
    """An error that the client is told."""

    def __init__(self, error: str, description: str = "") -> None:
        super().__init__(error)
        self.error, self.description = error, description
