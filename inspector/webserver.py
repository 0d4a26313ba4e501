"""How gunicorn runs the site: `gunicorn --config python:inspector.webserver inspector.wsgi`."""

from typing import Any

from environs import Env

_env = Env()
_host = _env.str("HOST", "127.0.0.1")
_port = _env.int("PORT", 8000)

bind = f"{_host}:{_port}"
# One process with threads keeps the memory of a small machine; servers set WEB_CONCURRENCY.
workers = _env.int("WEB_CONCURRENCY", 1)
worker_class = "gthread"
threads = 8
timeout = 60
graceful_timeout = 20
max_requests = 5000
max_requests_jitter = 500
loglevel = "warning"


def when_ready(server: Any) -> None:
    """Tell the person at the terminal where to go, once the page is really there."""
    print(f"Inspector answers at http://{_host}:{_port}/ (stop it with Ctrl-C)", flush=True)
