"""Sealing what must be readable again: with KMS, bound to its owner, so that a swapped ciphertext does not open."""

from functools import cache
from typing import Any

from chalicelib import aws, settings


def seal(secret: str, *, owner: str) -> bytes:
    """The secret under the KMS key, with its owner as encryption context. Raises `unavailable`."""
    answer = aws.available(
        _kms().encrypt,
        KeyId=settings.key_id(),
        Plaintext=secret.encode(),
        EncryptionContext={"owner": owner},
    )
    sealed: bytes = answer["CiphertextBlob"]
    return sealed


def unseal(sealed: bytes, *, owner: str) -> str:
    """What was sealed for this owner; KMS refuses it for any other. Raises `unavailable`."""
    context = {"owner": owner}
    answer = aws.available(_kms().decrypt, CiphertextBlob=sealed, EncryptionContext=context)
    secret: bytes = answer["Plaintext"]
    return secret.decode()


@cache
def _kms() -> Any:
    return aws.client("kms")
