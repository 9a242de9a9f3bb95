"""Sealing what must be readable again: with KMS, bound to its owner, so that a swapped ciphertext does not open."""

from functools import cache
from typing import Any

from chalicelib import settings, table


def seal(secret: str, *, owner: str) -> bytes:
    """The secret under the KMS key, with its owner as encryption context. Raises `unavailable`."""
    answer = _kms().encrypt(
        KeyId=settings.key_id(), Plaintext=secret.encode(), EncryptionContext={"owner": owner}
    )
    sealed: bytes = answer["CiphertextBlob"]
    return sealed


def unseal(sealed: bytes, *, owner: str) -> str:
    """What was sealed for this owner; KMS refuses it for any other."""
    answer = _kms().decrypt(CiphertextBlob=sealed, EncryptionContext={"owner": owner})
    secret: bytes = answer["Plaintext"]
    return secret.decode()


@cache
def _kms() -> Any:
    return table.client("kms")
