"""Thin Celery shell of the first start."""

from celery import shared_task

from inspector.core.health.reporting import describe
from inspector.site import first_start

# A name under which a message of an earlier version of the program may still wait in a queue.
FORMER_NAME = "inspector.dashboard.tasks.make_demo"


@shared_task
def make_demo() -> None:
    first_start.make_demo()


@shared_task
def make_production(slug: str) -> None:
    # Only here: it judges photos, for which the web process has no torch.
    from inspector.site.production import make_production

    make_production(slug)


@shared_task(name=FORMER_NAME)
def make_demo_by_its_former_name() -> None:
    first_start.make_demo()


for name in (first_start.DEMO_TASK, FORMER_NAME):
    describe(name, lambda: "Making the demo parts")
describe(first_start.PRODUCTION_TASK, lambda slug: "Making up production of a demo part")
