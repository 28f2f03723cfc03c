# SPDX-License-Identifier: Apache-2.0
"""Does the port of every daemon of a realm refuse what is not quite HTTP, and are clients that are slow, silent or many
nobody's trouble but their own?"""

from __future__ import annotations

import resource
import socket
import ssl
from dataclasses import dataclass

import pytest
from hostile_http import MALFORMED, check_idle, check_malformed, check_malformed_later, check_slow
from http_client import PATIENCE_S, Client
from officers import Realm

# By realm/program.def: whether it speaks TLS.
DAEMONS = {"ra": True, "lra": True, "ocsp": False}
IDLE = 10000


@dataclass
class Port:
    number: int
    trust: ssl.SSLContext | None

    def plain(self, source: str = "127.0.0.1") -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.number), PATIENCE_S, source_address=(source, 0))

    def connect(self) -> Client:
        plain = self.plain()
        if self.trust is None:
            return Client(plain)
        try:
            return Client(self.trust.wrap_socket(plain, server_hostname="localhost"))
        except BaseException:
            plain.close()
            raise

    def open_silent(self) -> Client | None:
        """From another address than honest clients; who is turned away is told by a connection that ends."""
        try:
            return Client(self.plain("127.0.0.2"))
        except OSError:
            return None


@pytest.fixture(params=DAEMONS)
def port(request: pytest.FixtureRequest, quiet_realm: Realm) -> Port:
    """A daemon's, whose certificate the clients verify."""
    trust = None
    if DAEMONS[request.param]:
        trust = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        trust.load_verify_locations(cadata=(quiet_realm.dir / "authorities/root.cer").read_bytes())
    return Port(quiet_realm.ports[request.param], trust)


@pytest.mark.parametrize("name", MALFORMED)
def test_malformed_requests_end_their_connection(port: Port, name: str) -> None:
    check_malformed(port.connect, name)


@pytest.mark.parametrize("name", MALFORMED)
def test_a_later_request_is_read_as_strictly(port: Port, name: str) -> None:
    check_malformed_later(port.connect, name)


def test_slow_clients_are_ended_and_others_served(port: Port) -> None:
    check_slow(port.connect, 20, 60)


def test_silent_connections_cost_others_nothing(port: Port) -> None:
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    if hard < IDLE + 200:
        pytest.skip(f"the machine lets a process have {hard} descriptors")
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    check_idle(port.open_silent, port.connect, IDLE)
