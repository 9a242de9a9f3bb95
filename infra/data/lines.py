"""One item as one line of JSON, in DynamoDB's own notation, so that every value survives as it is.

    {"Item":{"pk":{"S":"ACCOUNT#1"},"sk":{"S":"ACCOUNT"},"contacts":{"N":"3"},"sealed":{"B":"AbE="}}}

It is the notation of DynamoDB's exports to S3: numbers are text, binary is base64.
"""

import base64
import json
from typing import Any

# As a low-level client takes and answers it: each attribute with its type, binary as bytes.
TypedItem = dict[str, Any]


def line(item: TypedItem) -> bytes:
    """An item as a line, newline included."""
    text = json.dumps({"Item": item}, default=_base64, ensure_ascii=False, separators=(",", ":"))
    return text.encode() + b"\n"


def item(line: bytes) -> TypedItem:
    """The item of a line. Raises ValueError for what is no such line."""
    whole = json.loads(line, object_hook=_with_bytes)
    if not isinstance(whole, dict) or not isinstance(found := whole.get("Item"), dict):
        raise ValueError("no item")
    return found


def _base64(value: object) -> str:
    if isinstance(value, bytes):
        return base64.b64encode(value).decode("ascii")
    raise TypeError(type(value).__name__)


def _with_bytes(pairs: dict[str, Any]) -> dict[str, Any]:
    """Binary as bytes. Attributes may be called B and BS too, but their values are never text or lists."""
    if len(pairs) == 1:
        match pairs:
            case {"B": str(text)}:
                return {"B": base64.b64decode(text, validate=True)}
            case {"BS": list(texts)}:
                return {"BS": [base64.b64decode(text, validate=True) for text in texts]}
    return pairs
