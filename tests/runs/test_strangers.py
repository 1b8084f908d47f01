"""Only the app and its own processes can speak to Dask's ports, which trust what they read."""

from __future__ import annotations

import os
import socket
import ssl

import psutil
import pytest

from nnviz.runs import Engine
from nnviz.runs.settings import Order, new_certificates
from tests.runs.test_engine import called

SECONDS = 3.0


@pytest.fixture
def processes(live_engine: Engine) -> list[psutil.Process]:
    """The keeper and its workers."""
    host = psutil.Process(called(live_engine, os.getppid))
    return [host, *host.children()]


def greets(port: int, context: ssl.SSLContext | None) -> bool:
    """Whether what listens there sends its greeting, as Dask does to all it takes for its own."""
    try:
        with socket.create_connection(("127.0.0.1", port), SECONDS) as plain:
            if context is None:
                return bool(plain.recv(1))
            with context.wrap_socket(plain) as private:
                return bool(private.recv(1))
    except OSError:
        return False


def test_ports_greet_only_the_apps_own_certificates(
    live_engine: Engine, processes: list[psutil.Process]
) -> None:
    cluster = live_engine._dispatcher.keeper.cluster
    assert cluster is not None
    assert cluster._host is not None
    ports = [
        found.laddr.port
        for process in processes
        for found in process.net_connections()
        if found.status == psutil.CONN_LISTEN
    ]
    own, strange = (
        order.security.get_connection_args("client")["ssl_context"]
        for order in (cluster._host.order, Order("", new_certificates()))
    )
    assert sum(greets(port, own) for port in ports) == len(processes)
    assert not any(greets(port, strange) for port in ports)
    assert not any(greets(port, None) for port in ports)


def test_certificates_are_in_no_argument_no_environment_and_no_file(
    processes: list[psutil.Process],
) -> None:
    for process in processes:
        assert "PRIVATE KEY" not in "".join([*process.cmdline(), *process.environ().values()])
        assert not any("nnviz-" in path for path in [found.path for found in process.open_files()])
