"""The short form of `chaos` that the tests run: 100 photos, 10 workers and the web process killed.

python -m benchmarks chaos_short

On SQLite and a broker in folders; where DATABASE_URL is set, on its own PostgreSQL and Redis.
"""

from benchmarks.chaos import Plan, report
from benchmarks.faults import forget, kill_web, redis_away
from benchmarks.installation import Installation
from benchmarks.servers import OnServers


def main(site: Installation) -> None:
    faults = [("the web process is killed", kill_web)]
    if isinstance(site, OnServers):
        faults += [("Redis forgets all", forget), ("Redis is away for 8 s", redis_away)]
    report(site, Plan(100, 10, 10, tuple(faults)))
