# SPDX-License-Identifier: Apache-2.0
"""Can somebody without the registry check what auth ledger prove and consistency print?

The tree, its nodes and its signed heads are made here, and the proofs are verified here, by the text of RFC 9162 alone.
"""

from __future__ import annotations

import base64
import datetime
import hashlib
import json
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from conftest import NO, YES, Auth
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import (
    decode_dss_signature,
    encode_dss_signature,
)
from cryptography.x509.oid import NameOID

PSQL = "/usr/lib/postgresql/15/bin/psql"
AT = datetime.datetime(2026, 1, 31, 23, 59, 59, tzinfo=datetime.timezone.utc)
FIRST, SECOND = 6, 13


def request_of(number: int) -> str:
    return f"0192d4e0-7f31-7c02-8e0a-5b1f3c2d4e{number:02x}"


def serial_of(number: int) -> str:
    return f"01e30000000000000009a1b2c3d4e5{number:02x}"


def body_of(number: int) -> bytes:
    """An entry as docs/ledger.md has it: each second one of a certificate."""
    head = '"at":"2026-01-31T23:59:59Z","realm":"example"'
    request = f'"request":"{request_of(number // 2)}"'
    hash_of = hashlib.sha256(str(number).encode()).hexdigest()
    if number % 2 == 0:
        return f'{{"event":"submitted",{head},{request},"document":"{hash_of}"}}'.encode()
    item = f'"item":0,"serial":"{serial_of(number)}"'
    return f'{{"event":"issued",{head},{request},{item},"certificate":"{hash_of}"}}'.encode()


# RFC 9162


def leaf_hash(entry: bytes) -> bytes:
    return hashlib.sha256(b"\0" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\1" + left + right).digest()


def root_of(leaves: list[bytes]) -> bytes:
    """Section 2.1.1."""
    if len(leaves) == 1:
        return leaves[0]
    half = 1 << (len(leaves) - 1).bit_length() - 1
    return node_hash(root_of(leaves[:half]), root_of(leaves[half:]))


def is_included(leaf: bytes, index: int, size: int, path: list[bytes], root: bytes) -> bool:
    """Section 2.1.3.2."""
    if index >= size:
        return False
    fn, sn, r = index, size - 1, leaf
    for p in path:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            r = node_hash(p, r)
            while not fn & 1 and fn != 0:
                fn, sn = fn >> 1, sn >> 1
        else:
            r = node_hash(r, p)
        fn, sn = fn >> 1, sn >> 1
    return sn == 0 and r == root


def is_consistent(
    first: int, first_hash: bytes, second: int, second_hash: bytes, path: list[bytes]
) -> bool:
    """Section 2.1.4.2, and that a tree is consistent with itself."""
    if first == second:
        return not path and first_hash == second_hash
    if first & (first - 1) == 0:
        path = [first_hash, *path]
    if not path:
        return False
    fn, sn = first - 1, second - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    fr = sr = path[0]
    for c in path[1:]:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            fr, sr = node_hash(c, fr), node_hash(c, sr)
            while not fn & 1 and fn != 0:
                fn, sn = fn >> 1, sn >> 1
        else:
            sr = node_hash(sr, c)
        fn, sn = fn >> 1, sn >> 1
    return fr == first_hash and sr == second_hash and sn == 0


# A ledger


@dataclass
class Ledger:
    place: Path
    key: ec.EllipticCurvePrivateKey
    certificate: bytes
    leaves: list[bytes] = field(default_factory=list)

    def sql(self, text: str) -> None:
        socket = (self.place / "socket").read_text(encoding="utf-8").strip()
        words = [PSQL, "-qX", "-v", "ON_ERROR_STOP=1", f"host='{socket}' user=postgres dbname=auth"]
        subprocess.run([*words, "-f", "-"], input=text.encode(), check=True, timeout=60)

    def head(self, size: int, root: bytes | None = None) -> str:
        """A signed head of the first entries (docs/ledger.md), as a compact JWS."""
        root = root_of(self.leaves[:size]) if root is None else root
        payload = (
            f'{{"version":1,"realm":"example","tree_size":{size},"root_hash":"{root.hex()}",'
            '"at":"2026-01-31T23:59:59Z"}'
        )
        chain = base64.b64encode(self.certificate).decode()
        header = (
            f'{{"alg":"ES256","typ":"auth-ledger-head+jws","x5c":["{chain}"],'
            f'"iat":{int(AT.timestamp())}}}'
        )
        signed = f"{text64(header.encode())}.{text64(payload.encode())}"
        r, s = decode_dss_signature(self.key.sign(signed.encode(), ec.ECDSA(hashes.SHA256())))
        return f"{signed}.{text64(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}"

    def grow(self, size: int) -> None:
        """Appends entries up to a size, gives them their places, and signs a head."""
        rows = []
        for index in range(len(self.leaves), size):
            body = body_of(index)
            self.leaves.append(leaf_hash(body))
            event, item, serial = (1, "NULL", "NULL")
            if index % 2 == 1:
                event, item, serial = (32, "0", f"'\\x{serial_of(index)}'")
            rows.append(
                "INSERT INTO ledger_entry (event, item, request_id, serial, body)"
                f" VALUES ({event}, {item}, '{request_of(index // 2)}', {serial},"
                f" '\\x{body.hex()}');"
                "INSERT INTO ledger_leaf SELECT"
                f" {index}, max(entry_id), '\\x{self.leaves[-1].hex()}' FROM ledger_entry;"
            )
            # The subtrees that this leaf completes.
            level = 1
            while (index + 1) % (1 << level) == 0:
                node = root_of(self.leaves[index + 1 - (1 << level) :])
                rows.append(
                    f"INSERT INTO ledger_node VALUES ({level}, {index >> level}, '\\x{node.hex()}');"
                )
                level += 1
        rows.append(
            f"INSERT INTO ledger_head SELECT {size}, '\\x{root_of(self.leaves).hex()}', '{AT}',"
            f" max(xact)::text::bigint::text::xid8, '{self.head(size)}' FROM ledger_entry;"
        )
        self.sql("SET search_path = registry;" + "".join(rows))


def text64(octets: bytes) -> str:
    return base64.urlsafe_b64encode(octets).decode().rstrip("=")


def octets64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def make_authority() -> tuple[ec.EllipticCurvePrivateKey, bytes]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Ledger")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(AT - datetime.timedelta(days=30))
        .not_valid_after(AT + datetime.timedelta(days=3650))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    return key, certificate.public_bytes(serialization.Encoding.DER)


@pytest.fixture(scope="module")
def ledger(auth: Auth) -> Iterator[Ledger]:
    with tempfile.TemporaryDirectory(prefix="auth-e2e-") as name:
        folder = Path(name)
        folder.chmod(0o711)
        place = folder / "registry"
        assert auth("registry", "embed", place).exit_code == YES
        assert auth("registry", "migrate", "--dir", place).exit_code == YES
        made = Ledger(place, *make_authority())
        made.sql(
            "INSERT INTO registry.realm VALUES (true, 'example');"
            "INSERT INTO registry.authority (authority_id, name, certificate, key_hash, not_after)"
            f" VALUES (1, 'root', '\\x{made.certificate.hex()}', sha256('key'), 'infinity')"
        )
        made.grow(FIRST)
        made.grow(SECOND)
        yield made
        auth("registry", "stop", place)


@pytest.fixture
def head_files(ledger: Ledger, tmp_path: Path) -> tuple[Path, Path]:
    files = (tmp_path / "first.jws", tmp_path / "second.jws")
    for file, size in zip(files, (FIRST, SECOND)):
        file.write_text(ledger.head(size) + "\n", encoding="utf-8")
    return files


def read_head(ledger: Ledger, text: str) -> tuple[int, bytes]:
    """Size and root of a head whose signature is the authority's."""
    header, payload, signature = text.split(".")
    octets = octets64(signature)
    r, s = (int.from_bytes(part, "big") for part in (octets[:32], octets[32:]))

    ledger.key.public_key().verify(
        encode_dss_signature(r, s), f"{header}.{payload}".encode(), ec.ECDSA(hashes.SHA256())
    )
    found = json.loads(octets64(payload))
    return found["tree_size"], bytes.fromhex(found["root_hash"])


def path_of(proof: dict[str, Any]) -> list[bytes]:
    return [bytes.fromhex(text) for text in proof["hashes"]]


def test_a_tree_that_others_made_is_in_order(auth: Auth, ledger: Ledger) -> None:
    answer = auth("ledger", "verify", "--dir", ledger.place)
    assert answer.exit_code == YES, answer.text + answer.error
    assert f": {SECOND} entries, 0 waiting, 2 heads" in answer.text


@pytest.mark.parametrize("index", range(SECOND))
def test_an_entry_is_proved(auth: Auth, ledger: Ledger, index: int) -> None:
    proofs = auth("ledger", "prove", "--dir", ledger.place, request_of(index // 2)).objects
    if index % 2 == 1:
        alone = auth("ledger", "prove", "--dir", ledger.place, serial_of(index)).objects
        assert alone == [proof for proof in proofs if "issued" in proof["entry"]]
    (proof,) = [proof for proof in proofs if proof["leaf_index"] == index]
    size, root = read_head(ledger, proof["head"])
    assert proof["proved"] is True and proof["tree_size"] == size == SECOND
    entry, path = proof["entry"].encode(), path_of(proof)
    assert entry == body_of(index)
    assert is_included(leaf_hash(entry), index, size, path, root)
    # Nothing of it can be another.
    assert not is_included(leaf_hash(entry + b" "), index, size, path, root)
    assert not is_included(leaf_hash(entry), index ^ 1, size, path, root)
    assert not is_included(leaf_hash(entry), index, size, path[:-1], root)
    for place in range(len(path)):
        changed = [*path[:place], bytes(32), *path[place + 1 :]]
        assert not is_included(leaf_hash(entry), index, size, changed, root)


def test_an_entry_that_waits_has_no_proof_yet(auth: Auth, ledger: Ledger) -> None:
    body = body_of(98).decode()
    ledger.sql(
        "INSERT INTO registry.ledger_entry (event, request_id, body)"
        f" VALUES (1, '{request_of(49)}', '{body}')"
    )
    try:
        (proof,) = auth("ledger", "prove", "--dir", ledger.place, request_of(49)).objects
        assert proof == {"entry": body, "proved": False}
    finally:
        ledger.sql(
            "SET session_replication_role = replica;"
            f"DELETE FROM registry.ledger_entry WHERE request_id = '{request_of(49)}'"
        )


def test_a_head_grew_out_of_another(
    auth: Auth, ledger: Ledger, head_files: tuple[Path, Path], tmp_path: Path
) -> None:
    first, second = head_files
    for size in range(1, SECOND + 1):
        first.write_text(ledger.head(size), encoding="utf-8")
        answer = auth("ledger", "consistency", "--dir", ledger.place, first, second)
        assert answer.exit_code == YES, answer.error
        (proof,) = answer.objects
        roots = root_of(ledger.leaves[:size]), root_of(ledger.leaves)
        path = path_of(proof)
        assert (proof["first"], proof["second"]) == (size, SECOND)
        assert is_consistent(size, roots[0], SECOND, roots[1], path)
        assert not is_consistent(size, bytes(32), SECOND, roots[1], path)
        for place in range(len(path)):
            changed = [*path[:place], bytes(32), *path[place + 1 :]]
            assert not is_consistent(size, roots[0], SECOND, roots[1], changed)


def test_heads_of_two_ledgers_are_not_consistent(
    auth: Auth, ledger: Ledger, head_files: tuple[Path, Path]
) -> None:
    first, second = head_files
    answer = auth("ledger", "consistency", "--dir", ledger.place, second, first)
    assert answer.exit_code == NO, answer.text
    first.write_text(ledger.head(FIRST, bytes(32)), encoding="utf-8")
    answer = auth("ledger", "consistency", "--dir", ledger.place, first, second)
    assert answer.exit_code == NO and answer.out == b"" and "first.jws" not in answer.error


def test_whose_heads_are_believed(
    auth: Auth, ledger: Ledger, head_files: tuple[Path, Path], tmp_path: Path
) -> None:
    own, other = tmp_path / "own.cer", tmp_path / "other.cer"
    own.write_bytes(ledger.certificate)
    other.write_bytes(make_authority()[1])
    words = ("ledger", "consistency", "--dir", ledger.place, *head_files, "--trust")
    assert auth(*words, own).exit_code == YES
    answer = auth(*words, other)
    assert answer.exit_code == NO and "trusted" in answer.error


def test_a_changed_entry_or_tree_proves_nothing(auth: Auth, ledger: Ledger) -> None:
    changes = [
        ("ledger_entry", "body", f"'\\x{body_of(4).hex()}'", f"'\\x{body_of(2).hex()}'",
         f"request_id = '{request_of(1)}' AND event = 1"),
        ("ledger_leaf", "leaf_hash", "sha256('x')", f"'\\x{ledger.leaves[2].hex()}'",
         "leaf_index = 2"),
    ]  # fmt: skip
    for table, column, wrong, right, where in changes:
        change = f"SET session_replication_role = replica; UPDATE registry.{table} SET {column} ="
        ledger.sql(f"{change} {wrong} WHERE {where}")
        try:
            answer = auth("ledger", "prove", "--dir", ledger.place, request_of(1))
            assert answer.exit_code == NO, answer.text
        finally:
            ledger.sql(f"{change} {right} WHERE {where}")
    assert auth("ledger", "verify", "--dir", ledger.place).exit_code == YES
