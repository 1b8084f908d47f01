"""Who wants to know when there is something new."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

Callback = Callable[[], None]

_log = logging.getLogger(__name__)


class Listeners:
    """Functions to call; from any thread, and best without a lock held."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._callbacks: dict[object, Callback] = {}

    def add(self, callback: Callback) -> Callback:
        """Call it at each `ring` from now on; what is returned ends that, and may be called again.

        A ring that is under way on another thread may still reach it.
        """
        key = object()
        with self._lock:
            self._callbacks = {**self._callbacks, key: callback}

        def end() -> None:
            with self._lock:
                self._callbacks = {k: one for k, one in self._callbacks.items() if k is not key}

        return end

    def ring(self) -> None:
        """Call them all; what one of them raises is logged and harms nobody."""
        for callback in self._callbacks.values():
            try:
                callback()
            except Exception:  # noqa: BLE001 - whatever a stranger does
                _log.exception("A listener failed.")
