"""Specs as short codes: a version, then the JSON of what is not at its default, deflated."""

from __future__ import annotations

import base64
import binascii
import json
import zlib
from collections import Counter
from typing import Any

from nnviz.base import MAX_SHOWN, SpecError

PREFIX = "1."
MAX_CODE = 16_384
MAX_DOCUMENT = 65_536


def _difference(document: dict[str, Any], default: dict[str, Any]) -> dict[str, Any]:
    kept: dict[str, Any] = {}
    for key, value in document.items():
        if key == "blocks":
            if value != default[key]:
                kept[key] = [_without_none(block) for block in value]
        elif isinstance(value, dict) and isinstance(default.get(key), dict):
            if inner := _difference(value, default[key]):
                kept[key] = inner
        elif key not in default or value != default[key]:
            kept[key] = value
    return kept


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    document = dict(pairs)
    if len(document) < len(pairs):
        counts = Counter(name for name, _ in pairs)
        twice = next(name for name, count in counts.items() if count > 1)
        raise SpecError(f"this link sets {twice[:MAX_SHOWN]!r} twice")
    return document


def _without_none(document: dict[str, Any]) -> dict[str, Any]:
    return {
        key: _without_none(value) if isinstance(value, dict) else value
        for key, value in document.items()
        if value is not None
    }


def encoded(document: dict[str, Any], default: dict[str, Any]) -> str:
    """The document as a URL-safe code of ASCII letters, digits, "-", "_" and "."."""
    text = json.dumps(_difference(document, default), separators=(",", ":"), ensure_ascii=False)
    return PREFIX + base64.urlsafe_b64encode(zlib.compress(text.encode(), 9)).decode().rstrip("=")


def decoded(code: str) -> Any:
    """The JSON value in a code. Raises SpecError for anything that `encoded` did not write."""
    if not isinstance(code, str) or not code.startswith(PREFIX):
        raise SpecError("this link's settings are of an unknown version")
    if len(code) > MAX_CODE:
        raise SpecError("this link's settings are too long")
    try:
        packed = base64.b64decode(
            code[len(PREFIX) :] + "=" * (-(len(code) - len(PREFIX)) % 4),
            altchars=b"-_",
            validate=True,
        )
        inflater = zlib.decompressobj()
        text = inflater.decompress(packed, MAX_DOCUMENT)
        if not inflater.eof:
            raise SpecError("this link's settings are cut off or too long")
        return json.loads(text.decode(), object_pairs_hook=_once_each)
    except SpecError:
        raise
    except (binascii.Error, zlib.error, ValueError, RecursionError) as error:
        raise SpecError("this link's settings can't be read; was the link cut?") from error
