#!/usr/bin/env python3
"""Prints the golden vectors of src/keys/{seal,wrap}.rs, made over OpenSSL by `cryptography`.

Run by hand when a format is added: `python3 storage/tests/vault_vectors.py`.
"""
import struct
import uuid

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

STUDENT = uuid.UUID("0192f0c1-2345-7abc-8def-0123456789ab").bytes
# BLAKE3 of the master key below; a test in src/keys/master.rs holds the same number.
MASTER_ID = 0x815ae5ee
COMMAND = uuid.UUID("0192f0c1-9999-7abc-8def-0123456789ab").bytes


def fields(*parts):
    return b"".join(struct.pack(">I", len(part)) + part for part in parts)


def derive(key, salt, info):
    return HKDF(algorithm=hashes.SHA256(), length=32, salt=salt, info=info).derive(key)


def seal(name, row, plain, version=2, data_key=b"\x22" * 32, nonce=b"\x07" * 12):
    subkey = derive(data_key, b"learnflow data key v1", name)
    aad = fields(b"\x01", struct.pack(">I", version), STUDENT, name, b"\x01", row)
    body = AESGCM(subkey).encrypt(nonce, plain, aad)
    return b"\x01" + struct.pack(">I", version) + nonce + body


def wrap(master_id, version=1, master=b"\x33" * 32, key=b"\x44" * 32, nonce=b"\x09" * 12):
    wrapping = derive(master, b"learnflow master key v1", b"wrap")
    head = b"\x01" + struct.pack(">II", master_id, version)
    aad = fields(b"\x01", STUDENT, struct.pack(">I", version), struct.pack(">I", master_id))
    return head + nonce + AESGCM(wrapping).encrypt(nonce, key, aad)


if __name__ == "__main__":
    print("command", seal(b"command", COMMAND, b"why?").hex())
    print("reply", seal(b"reply", b"", b"").hex())
    print("facts", seal(b"journal.facts", struct.pack(">q", 7), b"facts").hex())
    print("text", seal(b"journal.text", struct.pack(">q", 7), b"text").hex())
    print("state", seal(b"session.state", struct.pack(">q", 16), b"state").hex())
    print("wrapped", wrap(MASTER_ID).hex())
