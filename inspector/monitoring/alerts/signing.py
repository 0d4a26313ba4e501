"""Signatures by Standard Webhooks (standardwebhooks.com): the receiver can check that a message is ours."""

import base64
import secrets
from datetime import UTC, datetime

from standardwebhooks import Webhook as Signer

PREFIX = "whsec_"
BYTES = 32


def new_secret() -> str:
    return PREFIX + base64.b64encode(secrets.token_bytes(BYTES)).decode()


def signature(secret: str, message_id: str, timestamp: int, body: str) -> str:
    return Signer(secret).sign(message_id, datetime.fromtimestamp(timestamp, UTC), body)


def headers(secret: str, message_id: str, timestamp: int, body: str) -> dict[str, str]:
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": signature(secret, message_id, timestamp, body),
    }
