"""A request's id: in its answer, on error pages, in the log, in what workers do because of it."""

import json
import logging
import logging.config

import pytest
from celery import current_app, shared_task
from celery.worker.request import Request
from django.test import Client

from inspector.core import files, logs
from inspector.core.logs import request_id
from tests.factories import InspectionFactory

pytestmark = pytest.mark.django_db
MINE = "proxy-0123456789"


def test_each_answer_has_one_of_its_own():
    ids = {Client().get(address)["X-Request-ID"] for address in ("/", "/healthz", "/sign-in/", "/nowhere/")}
    assert len(ids) == 4 and all(len(name) == 32 for name in ids)


@pytest.mark.parametrize(
    ("proxies", "sent", "taken"),
    [
        (1, MINE, True),
        (0, MINE, False),
        (1, "short", False),
        (1, "a" * 65, False),
        (1, "a b\tc<d>efg", False),
    ],
)
def test_that_of_a_proxy_is_taken_if_it_is_well_formed(settings, proxies, sent, taken):
    settings.PROXIES = proxies
    assert (Client(headers={"X-Request-ID": sent}).get("/healthz")["X-Request-ID"] == sent) is taken


@pytest.mark.parametrize(
    ("problem", "status"), [(RuntimeError("secret detail"), 500), (OSError("secret detail"), 503)]
)
def test_pages_of_faults_name_it_and_keep_the_rest_to_the_log(
    client_of, monkeypatch, caplog, problem, status
):
    def fail(*args, **kwargs):
        raise problem

    browser = client_of("Inspector")
    browser.raise_request_exception = False
    monkeypatch.setattr(files, "serve", fail)
    pk = InspectionFactory.create(judged=True).pk
    for address in (f"/inspections/{pk}/original/", f"/api/inspections/{pk}/images/original/"):
        answer = browser.get(address)
        assert answer.status_code == status
        page = answer.content.decode()
        assert answer["X-Request-ID"] in page
        assert "secret detail" not in page and "Traceback" not in page
    assert answer.json()["error"]["request_id"] == answer["X-Request-ID"]
    assert "secret detail" in caplog.text


def line(form):
    handler = logging.StreamHandler()
    logger = logging.getLogger("inspector.try")
    made = logging.config.DictConfigurator(logs.configuration(form, "INFO"))
    handler.setFormatter(made.configure_formatter(logs.FORMATTERS[form]))
    record = logger.makeRecord(logger.name, logging.WARNING, "", 1, "the disk %s is full", ("media",), None)
    logs.WithRequest().filter(record)
    return handler.format(record)


def test_lines_of_the_log_name_it():
    token = request_id.set(MINE)
    assert f"WARNING inspector.try: [{MINE}] the disk media is full" in line(logs.PLAIN)
    told = json.loads(line(logs.JSON))
    assert (told["level"], told["logger"], told["request_id"]) == ("WARNING", "inspector.try", MINE)
    assert told["message"] == "the disk media is full" and told["time"]
    request_id.reset(token)
    assert "WARNING inspector.try: the disk media is full" in line(logs.PLAIN)


seen: list[str] = []


@shared_task
def look() -> None:
    seen.append(request_id.get())


def test_a_task_goes_by_the_id_of_the_request_that_caused_it(tmp_path):
    """Sent by a real broker and run as a worker does it."""
    options = {
        "data_folder_in": str(tmp_path),
        "data_folder_out": str(tmp_path),
        "control_folder": str(tmp_path),
    }
    with current_app.connection_for_write(transport_options=options) as connection:
        token = request_id.set(MINE)
        current_app.send_task(look.name, connection=connection, queue="inspect")
        request_id.reset(token)
        current_app.send_task(look.name, connection=connection, queue="inspect")
        queue = connection.SimpleQueue("inspect")
        for _ in range(2):
            message = queue.get(timeout=5)
            Request(message, app=current_app).execute()
            message.ack()
    assert seen == [MINE, ""]
    assert request_id.get() == ""
