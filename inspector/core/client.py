"""Where a request comes from. Only the proxies that INSPECTOR_PROXIES counts are believed about it."""

from ipaddress import IPv6Address, ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest

UNKNOWN = "0.0.0.0"  # noqa: S104 # nosec B104


def address_of(request: HttpRequest) -> str:
    """The client's IP address; of IPv6 its network of 64 bits, because one client has all addresses in it.

    Each proxy adds to X-Forwarded-For who it heard from: the last ones are true, whatever a client made up.
    """
    address = request.META.get("REMOTE_ADDR", "")
    proxies = settings.PROXIES
    heard = [part.strip() for part in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")]
    if proxies and heard[0]:
        address = heard[-min(proxies, len(heard))]
    return _plain(address) or _plain(request.META.get("REMOTE_ADDR", "")) or UNKNOWN


def _plain(text: str) -> str:
    """Empty for what is no address."""
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return ""
    if not isinstance(address, IPv6Address):
        return str(address)
    return str(address.ipv4_mapped or ip_network((address, 64), strict=False).network_address)
