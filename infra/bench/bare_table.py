"""The least that Chalice with a boto3 client can be: the reads of our list of contacts, and nothing done with them."""

import os
from functools import cache
from typing import Any

from chalice.app import Chalice

app = Chalice(app_name="bare_table")


@cache
def dynamodb() -> Any:
    """The client, made on first use as ours is."""
    import boto3

    return boto3.client("dynamodb")


@app.route("/api/contacts", methods=["GET"])
def contacts() -> dict[str, int]:
    """Get an item, get three in a batch, query a partition; all consistently."""
    table, key = os.environ["KALAUZ_TABLE"], {"S": "none"}
    item = {"pk": key, "sk": key}
    others = [{"pk": key, "sk": {"S": name}} for name in ("a", "b", "c")]
    dynamodb().get_item(TableName=table, Key=item, ConsistentRead=True)
    dynamodb().batch_get_item(RequestItems={table: {"Keys": others, "ConsistentRead": True}})
    answer = dynamodb().query(
        TableName=table,
        KeyConditionExpression="pk = :pk",
        ExpressionAttributeValues={":pk": key},
        ConsistentRead=True,
    )
    return {"count": answer["Count"]}
