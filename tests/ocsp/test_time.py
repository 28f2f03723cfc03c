# SPDX-License-Identifier: Apache-2.0
"""Does no answer outlive the responder's certificate, is a new certificate taken without a gap, and do clocks that jump
bring no answer of another time? Time is faked by libfaketime."""

from __future__ import annotations

import time
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp

from test_limits import post
from world import Responder, World, must, preparing, responding, wait_for

FAKETIME = "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1"
DAY = 86400


def utc(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, timezone.utc).replace(tzinfo=None)


class Clock:
    """The clock of one responder, which can be set while it runs."""

    def __init__(self, world: World) -> None:
        self.file = world.folder / "shared/clock"
        self.offset = 0
        self.set(0)

    def set(self, offset: int) -> None:
        self.offset = offset
        self.file.write_text(f"{offset:+d}\n", encoding="ascii")

    def now(self) -> datetime:
        return utc(time.time() + self.offset)

    @property
    def environment(self) -> dict[str, str]:
        return {
            "LD_PRELOAD": FAKETIME, "FAKETIME_TIMESTAMP_FILE": str(self.file), "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1", "DONT_FAKE_MONOTONIC": "1",
        }


def make_request(world: World, certificate: bytes, *, nonce: bytes = b"", authority: str = "citizens") -> bytes:
    builder = ocsp.OCSPRequestBuilder().add_certificate(
        x509.load_der_x509_certificate(certificate),
        x509.load_der_x509_certificate(world.authority(authority).read_bytes()),
        hashes.SHA1(),
    )
    if nonce:
        builder = builder.add_extension(x509.OCSPNonce(nonce), critical=False)
    return builder.build().public_bytes(Encoding.DER)


def ask(responder: Responder, request: bytes) -> ocsp.OCSPResponse:
    status, body = post(responder, request)
    assert status == 200, status
    return ocsp.load_der_ocsp_response(body)


def is_status(answer: ocsp.OCSPResponse) -> bool:
    return answer.response_status is ocsp.OCSPResponseStatus.SUCCESSFUL


def check_times(answer: ocsp.OCSPResponse, now: datetime) -> None:
    """It is of its time, and does not outlive who signed it."""
    (responder,) = answer.certificates
    assert answer.next_update is not None
    assert answer.this_update <= now + timedelta(seconds=2)
    assert answer.produced_at <= now + timedelta(seconds=2)
    assert answer.next_update > now - timedelta(seconds=2)
    assert answer.next_update <= responder.not_valid_after
    assert responder.not_valid_before <= answer.produced_at <= responder.not_valid_after


def test_no_answer_outlives_the_responder(world: World) -> None:
    (holder,) = world.enrol(1)
    request = make_request(world, holder.certificate.read_bytes())
    clock = Clock(world)
    with responding(world, "--answer-life=1h", before=[], **clock.environment) as responder:
        first = ask(responder, request)
        check_times(first, clock.now())
        assert first.next_update == first.this_update + timedelta(hours=1)
        end = first.certificates[0].not_valid_after
        left = int((end - utc(time.time())).total_seconds())

        clock.set(left - 600)  # ten minutes before its end
        last = wait_for(lambda: is_of(ask(responder, request), clock.now()))
        check_times(last, clock.now())
        assert last.next_update == end

        clock.set(left + 10)  # behind it
        assert wait_for(lambda: not is_status(ask(responder, request)))
        assert ask(responder, request).response_status is ocsp.OCSPResponseStatus.TRY_LATER
        wait_for(lambda: not responder.is_ready())

        clock.set(0)  # and back
        check_times(wait_for(lambda: is_of(ask(responder, request), clock.now())), clock.now())


def is_of(answer: ocsp.OCSPResponse, now: datetime) -> ocsp.OCSPResponse | None:
    """The answer, when it is a status and was made at about this time."""
    if is_status(answer) and abs((answer.produced_at - now).total_seconds()) < 300:
        return answer
    return None


@pytest.mark.parametrize("jump", [2 * DAY, -2 * 3600, 5 * DAY, -60], ids=lambda jump: f"{jump}s")
def test_a_clock_that_jumps(world: World, jump: int) -> None:
    """Whatever was signed before the jump is not sent behind it unless its time runs."""
    (holder,) = world.enrol(1)
    request = make_request(world, holder.certificate.read_bytes())
    clock = Clock(world)
    with responding(world, "--answer-life=1h", before=[], **clock.environment) as responder:
        check_times(ask(responder, request), clock.now())
        clock.set(jump)
        for nonce in (b"", b"n" * 16, b""):
            answer = ask(responder, make_request(world, holder.certificate.read_bytes(), nonce=nonce))
            if is_status(answer):
                check_times(answer, clock.now())
            else:
                assert answer.response_status is ocsp.OCSPResponseStatus.TRY_LATER
        clock.set(0)
        check_times(wait_for(lambda: is_of(ask(responder, request), clock.now())), clock.now())


def to_hex(number: int) -> str:
    return number.to_bytes((number.bit_length() + 7) // 8, "big").hex()


def test_a_new_certificate_is_taken_without_a_gap(build: Path) -> None:
    """In a realm that was made 21 days ago the responders' certificates are in their last third: the authority makes new
    ones as soon as it runs."""
    with preparing(build, before=["faketime", "-f", "-21d"]) as aged:
        must(aged.auth, "registry", "embed", aged.realm / "registry")
        admins = [(aged.realm / f"officers/admin-{i}.cer").read_bytes() for i in (1, 2)]
        path = aged.serials_file([to_hex(x509.load_der_x509_certificate(der).serial_number) for der in admins])
        old = x509.load_der_x509_certificate((aged.realm / "responders/ocsp-staff.cer").read_bytes())
        with aged.responder() as responder:

            def signer() -> x509.Certificate:
                """Whom the responder shows to a question that has to be signed for."""
                nonce = str(time.time_ns()).encode("ascii")
                answer = ask(responder, make_request(aged, admins[0], nonce=nonce, authority="staff"))
                check_times(answer, utc(time.time()))
                (certificate,) = answer.certificates
                return certificate

            assert signer() == old
            words = ("--connections", "4", "--rate", "200", "--nonce", "50", "--issuer", str(aged.authority("staff")))
            with aged.loading(path, *words, port=responder.port) as found:
                aged.up()
                new = wait_for(lambda: None if signer() == old else signer())
                assert new.not_valid_after > old.not_valid_after
                assert new.public_key().public_numbers() == old.public_key().public_numbers()
                aged.wait_for_answers(100)
            assert found["good"] == found["asked"], found
        aged.examine()
