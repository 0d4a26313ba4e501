"""STORAGE_URL as Django storage settings."""

from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

CONNECT_SECONDS, READ_SECONDS = 5, 15
MEMORY_BYTES = 8_000_000  # of a file; larger ones go through a temporary file


def s3_storage(url: str) -> dict[str, Any]:
    """`s3://KEY:SECRET@HOST[:PORT]/BUCKET[?region=R&tls=0]` as the settings of one private bucket.

    KEY and SECRET may be left out where the machine has a role. `tls=0` speaks plain HTTP.
    """
    parts = urlsplit(url)
    bucket = parts.path.strip("/")
    if parts.scheme != "s3" or not parts.hostname or not bucket:
        raise ValueError("STORAGE_URL must look like s3://KEY:SECRET@HOST/BUCKET?region=REGION")
    query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    scheme = "http" if query.get("tls") == "0" else "https"
    host = parts.hostname + (f":{parts.port}" if parts.port else "")
    return {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {
            "bucket_name": bucket,
            "endpoint_url": f"{scheme}://{host}",
            "access_key": unquote(parts.username) if parts.username else None,
            "secret_key": unquote(parts.password) if parts.password else None,
            "region_name": query.get("region"),
            "file_overwrite": True,
            "default_acl": None,
            # Else what is read lies in memory as a whole: a model, or an export of some gigabytes.
            "max_memory_size": MEMORY_BYTES,
            "client_config": _patience(),
        },
    }


def _patience() -> Any:
    """Nobody waits longer for a storage that does not answer; the default is five times a minute."""
    from botocore.config import Config  # only where S3 is used

    return Config(
        connect_timeout=CONNECT_SECONDS, read_timeout=READ_SECONDS, retries={"total_max_attempts": 2}
    )
