"""The way out: apprise, which knows a hundred services by their addresses."""

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from pydantic import SecretStr

from sync.notify.messages import Message


class NotSentError(Exception):
    """A channel did not take a message; the reason never holds its address."""


class Sender(Protocol):
    """Sends one message to one address."""

    def __call__(self, url: SecretStr, message: Message) -> None:
        """Returns when the channel took it. Raises NotSentError."""
        ...


def understood(url: SecretStr) -> bool:
    """Whether there is a service with addresses like this. Nothing is sent."""
    with _silent():
        import apprise  # noqa: PLC0415  as below

        try:
            return apprise.Apprise.instantiate(url.get_secret_value()) is not None
        except Exception:  # noqa: BLE001  plugins of many hands
            return False


def send(url: SecretStr, message: Message) -> None:
    """Send through apprise. Raises NotSentError, whatever went wrong."""
    with _silent():
        import apprise  # noqa: PLC0415  loading its plugins takes longer than most commands

        try:
            service = apprise.Apprise.instantiate(url.get_secret_value())
            taken = service is not None and service.notify(
                body=message.body, title=message.title, body_format=apprise.NotifyFormat.TEXT
            )
        except Exception as error:  # noqa: BLE001  plugins of many hands; the text may hold the address
            reason = f"its service failed ({type(error).__name__})"
            raise NotSentError(reason) from None
    if service is None:
        raise NotSentError("no service has an address like this")
    if not taken:
        raise NotSentError("its service did not take the message")


@contextmanager
def _silent() -> Iterator[None]:
    """What apprise and its plugins log may hold the address; what they warn of is not ours."""
    log = logging.getLogger("apprise")
    before = log.disabled
    log.disabled = True
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        log.disabled = before
