"""Moments in zones whose clocks are changed twice a year."""

from datetime import UTC, datetime, timedelta


def just_before(moment: datetime) -> datetime:
    """The last one before it, in the same zone. Counted in UTC: Python subtracts as clocks on the wall show
    it, and where these are put back that is an hour before."""
    return (moment.astimezone(UTC) - timedelta(microseconds=1)).astimezone(moment.tzinfo)
