"""Who is asking: a browser by its cookie, or all browsers of one address that send none."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from hashlib import blake2b
from urllib import parse

COOKIE = "_streamlit_xsrf"
LOOPBACK = ("127.0.0.1", "::1")
_PROCESS_SECRET = secrets.token_bytes(16)


def owner_of(cookies: Mapping[str, str], address: str | None) -> str:
    """Who may steer a run: this browser; without a cookie, all browsers of one address."""
    token = _browser_token(cookies.get(COOKIE) or "")
    if token is None:
        away = "" if address in LOOPBACK else address or ""
        token = _PROCESS_SECRET + away.encode()
    return blake2b(token, digest_size=16).hexdigest()


def is_from_here(headers: Mapping[str, str], allowed: frozenset[str] = frozenset()) -> bool:
    """Whether a page of this server opens the socket, or of an origin in `allowed`.

    Browsers name the page's origin in each handshake, and pages can't change it.
    """
    origin = headers.get("origin", "").lower()
    if origin in allowed:
        return True
    parts = parse.urlsplit(origin)
    default = {"http": ":80", "https": ":443"}.get(parts.scheme)
    host = headers.get("host", "").lower()
    return default is not None and host != "" and parts.netloc in (host, host.removesuffix(default))


def _browser_token(cookie: str) -> bytes | None:
    """The secret in the server's own XSRF cookie, which is masked anew in every answer.

    Its form is `2|mask|masked|timestamp`, both in hexadecimal, the mask repeated.
    """
    try:
        _, mask, masked, _ = cookie.split("|")
        key, secret = bytes.fromhex(mask), bytes.fromhex(masked)
        return bytes(byte ^ key[place % len(key)] for place, byte in enumerate(secret)) or None
    except (ValueError, ZeroDivisionError):
        return None
