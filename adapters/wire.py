"""The last step before the network, the same for every client library built on requests.

Whatever a library would do by itself, here a request goes to one host only, is never redirected
(a redirected write changes something else, a redirected read loses its query), waits a bounded
time and takes a bounded amount. Addresses are checked before anything is sent, and text that
comes back is cleaned of secrets before it is shown.
"""

import ipaddress
import re
import socket
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import ConnectTimeoutError, NameResolutionError, NewConnectionError

from adapters.seams import Clock, Resolve, addresses_of
from mappings.problem import Problem, ProblemError

#: Seconds to reach a host; whoever does not answer by then is not there.
CONNECT_TIMEOUT: Final = 5.0
#: A page of 100 items of 65,536 characters, 4 bytes each, is 26 MB; more is no honest answer.
MOST_BYTES: Final = 64 * 1024 * 1024
#: An answer that trickles in for this many timeouts is given up.
PATIENCE: Final = 4
_CHUNK: Final = 64 * 1024
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_PORTS: Final = {"http": 80, "https": 443}

_SHAPES: Final = (
    # docs.github.com "token formats", docs.gitlab.com "token prefixes", Atlassian API tokens.
    re.compile(
        r"\b(?:gh[pousr]_|github_pat_|gl(?:pat|ptt|oas|dt|rt|cbt|ft|imt|agent|soat)-|ATATT|ATCTT)"
        r"[A-Za-z0-9_=.-]{6,}"
    ),
    re.compile(r"(?i)(?<=bearer )[A-Za-z0-9_=.+/-]{8,}"),
    re.compile(r"(?<=://)[^/\s:@]+:[^/\s@]+(?=@)"),
    # GitHub's SSO address carries a grant of its own.
    re.compile(r"(?i)(?<=authorization_request=)[^&\s\"']+"),
)
HIDDEN: Final = "[secret]"


class Redirected(requests.RequestException):
    """The server sent us elsewhere. Nothing was done; ``location`` is where to."""

    def __init__(self, status: int, location: str) -> None:
        super().__init__(f"redirected ({status})")
        self.status = status
        self.location = location


class NotReady(requests.RequestException):
    """202 for a read: the answer is still being made."""


class Barred(requests.exceptions.InvalidURL):
    """The host's name leads to an address that is refused. Nothing was sent."""


def guard(
    session: requests.Session,
    base_url: str,
    clock: Clock,
    timeout: float,
    resolve: Resolve = addresses_of,
) -> None:
    """Bind a library's session to the host of ``base_url``. ``timeout`` in seconds.

    A ``.netrc`` is not read: it would replace our token with somebody's password. Each connection
    goes to an address that ``resolve`` gave for it and that may be used.
    """
    wire = _Wire(base_url, clock, timeout, resolve)
    for scheme in _PORTS:
        session.mount(f"{scheme}://", wire)
    if session.auth is None:
        session.auth = _as_it_is
    session.hooks["response"].append(_refuse)


class _Wire(HTTPAdapter):
    """Sends to one host, within a time, and reads no more than a page can be."""

    def __init__(self, base_url: str, clock: Clock, timeout: float, resolve: Resolve) -> None:
        super().__init__(max_retries=0, pool_connections=2, pool_maxsize=2)
        self.poolmanager.pool_classes_by_scheme = _pools(resolve)
        self._home = _place(base_url)
        self._clock = clock
        self._timeout = timeout

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,  # noqa: FBT001, FBT002  the library's own signature
        timeout: Any = None,  # noqa: ANN401  likewise
        verify: bool | str = True,  # noqa: FBT001, FBT002  likewise
        cert: Any = None,  # noqa: ANN401  likewise
        proxies: Mapping[str, str] | None = None,
    ) -> requests.Response:
        if _place(request.url or "") != self._home:
            text = "this request was meant for another host and was not sent"
            raise requests.exceptions.InvalidURL(text)
        began = self._clock.monotonic()
        try:
            response = super().send(
                request,
                stream=True,
                timeout=(min(CONNECT_TIMEOUT, self._timeout), self._timeout),
                verify=verify,
                cert=cert,
                proxies=proxies,
            )
        except requests.exceptions.ConnectionError as error:
            if error.args and isinstance(getattr(error.args[0], "reason", None), _BarredError):
                raise Barred("its name leads to an address that is refused") from None
            raise
        if not stream:
            response._content = self._read(response, began)  # noqa: SLF001  what .content does
        return response

    def _read(self, response: requests.Response, began: float) -> bytes:
        pieces, size = [], 0
        for piece in response.iter_content(_CHUNK):
            pieces.append(piece)
            size += len(piece)
            late = self._clock.monotonic() - began > self._timeout * PATIENCE
            if size > MOST_BYTES or late:
                response.close()
                if late:
                    raise requests.exceptions.ReadTimeout("the answer trickled in too slowly")
                raise requests.exceptions.ContentDecodingError("the answer is too large")
        return b"".join(pieces)


class _BarredError(NewConnectionError):
    """As the pool wants to hear it: there is no connection."""


def _pools(resolve: Resolve) -> dict[str, type[HTTPConnectionPool]]:
    """Pools whose connections look their host up once and choose among its addresses.

    A test of the name beforehand would be worth nothing: the next look-up may say something else.
    A class that a recorder of requests has put in the place of the library's own is left there.
    """

    class Plain(_Chosen, HTTPConnection):
        names = staticmethod(resolve)

    class Sealed(_Chosen, HTTPSConnection):
        names = staticmethod(resolve)

    class PlainPool(HTTPConnectionPool):
        @property
        def ConnectionCls(self) -> type[Any]:  # type: ignore[override]  # noqa: N802  the library's name
            now = HTTPConnectionPool.ConnectionCls
            return Plain if now is HTTPConnection else now

    class SealedPool(HTTPSConnectionPool):
        @property
        def ConnectionCls(self) -> type[Any]:  # type: ignore[override]  # noqa: N802  likewise
            now = HTTPSConnectionPool.ConnectionCls
            return Sealed if now is HTTPSConnection else now

    return {"http": PlainPool, "https": SealedPool}


class _Chosen(HTTPConnection):
    """Connects to an address, not to a name; certificates are still asked for the name."""

    names: Resolve

    def _new_conn(self) -> socket.socket:
        name = self._dns_host
        addresses = self._allowed(name.strip("[]"))
        try:
            for address in addresses[:-1]:
                self._dns_host = address
                try:
                    return super()._new_conn()
                except (ConnectTimeoutError, NewConnectionError):
                    continue
            self._dns_host = addresses[-1]
            return super()._new_conn()
        finally:
            self._dns_host = name

    def _allowed(self, name: str) -> list[str]:
        port = self.port or _PORTS["http"]
        try:
            found = self.names(name, port)
        except socket.gaierror as error:
            raise NameResolutionError(self.host, self, error) from None
        known = [(one, _address(one)) for one in found]
        allowed = [one for one, address in known if address and not _hands_out_secrets(address)]
        if not allowed:
            raise _BarredError(self, "no address that may be used")
        return allowed


def _refuse(response: requests.Response, *_: object, **__: object) -> None:
    """Runs before the library sees the answer: no library gets to follow or to wait."""
    if response.status_code in _REDIRECTS:
        response.close()
        raise Redirected(response.status_code, response.headers.get("Location", ""))
    if response.status_code == HTTPStatus.ACCEPTED and response.request.method in {"GET", "HEAD"}:
        response.close()
        raise NotReady("the answer is still being made")


def _as_it_is(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request


def _place(url: str) -> tuple[str, str, int | None]:
    parts = urlsplit(url)
    return parts.scheme, (parts.hostname or "").lower(), parts.port or _PORTS.get(parts.scheme)


def clean(text: str, *secrets: str) -> str:
    """The text without ``secrets`` and without anything shaped like one."""
    for secret in secrets:
        if secret:
            text = text.replace(secret, HIDDEN)
    for shape in _SHAPES:
        text = shape.sub(HIDDEN, text)
    return text


def checked_base_url(url: str, place: str) -> str:
    """The URL without a slash at its end. Raises ProblemError (E202) for an unsafe one.

    The host stands in the settings file and nowhere else, so a private address is the choice of
    whoever runs this; addresses that only hand out credentials to machines are refused always.
    """
    try:
        parts = urlsplit(url)
        host, _ = (parts.hostname or "").rstrip("."), parts.port
    except ValueError:
        raise _refused(place, "is no address.") from None
    if parts.username is not None or parts.password is not None:
        raise _refused(place, "must not hold user:password; give the token by environment or file.")
    if parts.query or parts.fragment:
        raise _refused(place, "must not hold a query or fragment.")
    if parts.scheme != "https" and not (parts.scheme == "http" and is_loopback(host)):
        raise _refused(place, "must be https (plain http only for this machine).")
    address = _address(host)
    no_host = not host or any(character.isspace() for character in url)
    if no_host or host == "metadata.google.internal" or (address and _hands_out_secrets(address)):
        raise _refused(place, f'"{host}" is refused as a host.')
    return url.rstrip("/")


def is_loopback(host: str) -> bool:
    """Whether a host name or address is this machine."""
    address = _address(host)
    return address.is_loopback if address else host.lower() == "localhost"


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """The address a host spells, in any of the ways the system would understand."""
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        try:
            # "2852039166", "0xa9fea9fe" and "169.254.43518" are all the metadata service.
            return ipaddress.IPv4Address(socket.inet_aton(host))
        except (OSError, UnicodeError):
            return None
    mapped = getattr(address, "ipv4_mapped", None)
    return mapped if isinstance(mapped, ipaddress.IPv4Address) else address


def _hands_out_secrets(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    """Link-local (cloud metadata, 169.254.169.254 and fd00:ec2::254) and what is no host."""
    amazon = ipaddress.ip_address("fd00:ec2::254")
    return (
        address.is_link_local
        or address.is_unspecified
        or address.is_multicast
        or (address == amazon)
    )


def _refused(place: str, text: str) -> ProblemError:
    return ProblemError(Problem("E202", f"base_url {text}", place))
