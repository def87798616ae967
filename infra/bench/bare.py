"""The least that a handler which keeps something can be: boto3, json, one conditional put. What ours is compared with."""

import json
import os
from typing import Any

import boto3
from botocore.exceptions import ClientError

client: Any = boto3.client("dynamodb")


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    body = json.loads(event["body"])
    item = {"pk": {"S": "bench"}, "sk": {"S": body["acts"][0]["id"]}, "said": {"S": event["body"]}}
    try:
        client.put_item(
            TableName=os.environ["CONSENTINEL_REGISTER_TABLE"], Item=item, ConditionExpression="attribute_not_exists(pk)"
        )
    except ClientError:
        return {"statusCode": 409, "body": "{}"}
    return {"statusCode": 201, "body": json.dumps({"id": body["acts"][0]["id"]})}
