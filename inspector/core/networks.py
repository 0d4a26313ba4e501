"""Networks in settings."""

from collections.abc import Iterable
from ipaddress import IPv4Network, IPv6Network, ip_network


def networks(texts: Iterable[str], variable: str) -> list[IPv4Network | IPv6Network]:
    """Of "10.20.0.0/16" and the like; ValueError names the variable."""
    try:
        return [ip_network(text.strip()) for text in texts if text.strip()]
    except ValueError as problem:
        raise ValueError(f"{variable} must be networks such as 10.20.0.0/16: {problem}") from None
