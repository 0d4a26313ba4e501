"""What the tests run of benchmarks/chaos.py: 100 photos, 10 kills of workers and one of the web.

python -m benchmarks chaos_short

On SQLite and a broker in folders; where DATABASE_URL is set, on PostgreSQL and Redis of its own.
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
