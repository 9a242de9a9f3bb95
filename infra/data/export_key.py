"""The key of one export: it seals the secrets in the files, and signs what the manifest says of them."""

import base64
import hashlib
import hmac
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from infra.local.trouble import CannotRun

KEY_BYTES = 32  # AES-256
NONCE_BYTES = 12  # NIST SP 800-38D, 8.2.2: random ones serve 2^32 secrets under one key.


@dataclass(frozen=True)
class ExportKey:
    """256 random bits, in a file of its own."""

    _bytes: bytes

    @classmethod
    def made(cls, file: Path) -> "ExportKey":
        """The key in a file that only its owner may read; made, whole or not at all, where there is none.

        Raises CannotRun for a file that holds no key.
        """
        if not file.exists():
            file.parent.mkdir(parents=True, exist_ok=True)
            half_done = file.with_name(f"{file.name}.{secrets.token_hex(4)}")
            descriptor = os.open(half_done, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as output:
                output.write(base64.b64encode(secrets.token_bytes(KEY_BYTES)) + b"\n")
                output.flush()
                os.fsync(output.fileno())
            half_done.replace(file)
        return cls.read(file)

    @classmethod
    def read(cls, file: Path) -> "ExportKey":
        """The key in a file. Raises CannotRun."""
        try:
            found = base64.b64decode(file.read_bytes().strip(), validate=True)
        except OSError as failure:
            raise CannotRun(
                f"The export's key cannot be read: {file}: {(failure.strerror or '').lower()}. KEY=… names its file."
            ) from failure
        except ValueError:
            found = b""
        if len(found) != KEY_BYTES:
            raise CannotRun(f"{file} holds no key of an export. KEY=… names its file.")
        return cls(found)

    @property
    def fingerprint(self) -> str:
        """By which a key is known, and which tells nothing of it."""
        return hashlib.sha256(b"kalauz export key\0" + self._bytes).hexdigest()[:32]

    def seal(self, secret: str, *, place: str) -> bytes:
        """A secret that opens in this place only."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        return nonce + AESGCM(self._bytes).encrypt(nonce, secret.encode(), place.encode())

    def unseal(self, sealed: bytes, *, place: str) -> str:
        """What was sealed for this place. Raises ValueError for anything else."""
        nonce, ciphertext = sealed[:NONCE_BYTES], sealed[NONCE_BYTES:]
        try:
            return AESGCM(self._bytes).decrypt(nonce, ciphertext, place.encode()).decode()
        except InvalidTag:
            raise ValueError("sealed by another key, or for another place") from None

    def signature(self, text: bytes) -> str:
        """What nobody can write below a text who does not have the key."""
        return hmac.new(self._bytes, b"kalauz manifest\0" + text, hashlib.sha256).hexdigest()
