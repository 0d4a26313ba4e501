"""What every worker does besides its tasks: it reports that it runs and what it does."""

from typing import Any

from celery import shared_task
from celery.signals import task_postrun, task_prerun, worker_ready, worker_shutdown

from inspector.core import outbox
from inspector.core import work as working
from inspector.core.health import processes, reporting
from inspector.core.health.reporting import Reporter
from inspector.core.proof import seal, verify
from inspector.core.worker import lower_priority, shutting_down

_reporter: Reporter | None = None


@worker_ready.connect
def begin_to_report(sender: Any, **more: Any) -> None:
    global _reporter
    _reporter = Reporter(sender.hostname, sender.app.amqp.queues.consume_from)
    _reporter.start()


@worker_shutdown.connect
def report_the_end(**more: Any) -> None:
    if _reporter:
        _reporter.stop()


@task_prerun.connect
def note_task(task: Any = None, args: Any = (), **more: Any) -> None:
    if _reporter:
        _reporter.doing = reporting.words_of(task.name, args)


@task_postrun.connect
def note_idle(**more: Any) -> None:
    if _reporter:
        _reporter.doing = ""


@shared_task
def sweep() -> None:
    """Its running shows that beat and the sweep worker run. Consumers of events get what they missed.
    Events that nobody sealed are sealed, and the chain is verified once a day."""
    reporting.report_beat()
    processes.forget()
    outbox.sweep()
    seal.seal()
    verify.sweep()


@shared_task
def deliver() -> None:
    """Hand events on. The message may come twice, late or never."""
    outbox.deliver()


@shared_task
def work(kind: str, pk: int) -> None:
    """Do a long job. The message may come twice, late or never."""
    this = working.kind(kind)
    lower_priority(may_idle=this.queue == working.QUEUE)
    working.run(this.model, pk, shutting_down=shutting_down)


@shared_task
def sweep_work() -> None:
    working.sweep()


reporting.describe(outbox.TASK, lambda: "Handing events on")
reporting.describe(working.TASK, lambda kind, pk: working.kind(kind).doing.format(pk))
