"""What every test may ask for. Nothing here touches var/, media/ or a broker; see tests/settings.py."""

import os
import random
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone
from knox.models import AuthToken
from rest_framework.test import APIClient
from whitenoise import WhiteNoise

import detection
from detection.files import artifact
from detection.photos import view
from detection.recognition.learn import of_views
from inspector.accounts.models import TokenNotes, User
from inspector.accounts.people import create_person
from inspector.categories.models import Category
from inspector.core import nudge
from inspector.core.roles import Role
from inspector.registry import detectors
from inspector.registry.models import ModelVersion
from inspector.registry.promote import promote
from inspector.registry.register import register
from tests.factories import CategoryFactory
from tests.photos import photo, picture, ring

pytest.register_assert_rewrite("tests.former")  # scenarios assert, too
ROOT = Path(__file__).resolve().parent.parent
Nudges = list[tuple[str, tuple[Any, ...]]]


# --- What may be absent ----------------------------------------------------------------------
def real_data_folder() -> Path:
    """The shared real categories; read only."""
    return Path(os.environ.get("INSPECTOR_REAL_DATA", ROOT.parent / "shared" / "data"))


def _chromium() -> str | None:
    # The shell is the same browser without windows of its own, which take a quarter of the tests' time.
    names = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
    return os.environ.get("INSPECTOR_CHROMIUM") or next(filter(None, map(shutil.which, names)), None)


def compose_command() -> list[str] | None:
    """What reads compose files, if it is there; neither form needs a Docker daemon for that."""
    with_docker = ["docker", "compose"]
    if (
        shutil.which("docker")
        and not subprocess.run([*with_docker, "version"], capture_output=True).returncode
    ):
        return with_docker
    return ["docker-compose"] if shutil.which("docker-compose") else None


PRESENT: dict[str, Callable[[], object]] = {
    "redis": lambda: os.environ.get("INSPECTOR_TEST_REDIS_URL") or shutil.which("redis-server"),
    "chromium": _chromium,
    "compose": compose_command,
    "real_data": lambda: real_data_folder().is_dir(),
}


def requires(name: str) -> None:
    """Skip the test where `name` is absent; fail it where INSPECTOR_TEST_REQUIRE says it must be there."""
    if PRESENT[name]():
        return
    if name in os.environ.get("INSPECTOR_TEST_REQUIRE", "").split(","):
        pytest.fail(f"{name} is required here and absent", pytrace=False)
    pytest.skip(f"{name} is absent")


# Real processes under load, with limits of time that hold for a machine that does nothing else.
ALONE = {
    "test_bottle.py",
    "test_chaos.py",
    "test_stalled_clients.py",
    "test_time_limits.py",
    "test_web_process.py",
    "test_webserver.py",
    "test_worker_killed.py",
    "test_worker_restarted.py",
}


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Where only those are asked for, the others need not be imported."""
    others = collection_path.name.startswith("test_") and collection_path.name not in ALONE
    return True if config.option.markexpr == "alone" and others else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.name in ALONE:
            item.add_marker("alone")


def pytest_runtest_setup(item: pytest.Item) -> None:
    for name in PRESENT:
        if item.get_closest_marker(name):
            requires(name)


@pytest.fixture(scope="session")
def django_db_modify_db_settings_xdist_suffix() -> None:
    """A database for each of pytest's processes. One in a file lies in the process's own folder anyway, where
    what a test starts looks for it."""
    process = os.environ.get("PYTEST_XDIST_WORKER")
    if process and connection.vendor == "postgresql":
        connection.settings_dict["TEST"]["NAME"] = f"test_{connection.settings_dict['NAME']}_{process}"


# --- Nothing leaks ---------------------------------------------------------------------------
@pytest.fixture(autouse=True)
def media(settings: Any, tmp_path: Path) -> Path:
    """Where this test's files go."""
    settings.MEDIA_ROOT = tmp_path / "media"
    return settings.MEDIA_ROOT


@pytest.fixture(autouse=True)
def nudges(monkeypatch: pytest.MonkeyPatch) -> Nudges:
    """Messages that would have gone to the broker: [(task name, arguments), ...]. None is executed."""
    sent: Nudges = []
    monkeypatch.setattr(nudge, "send", lambda name, args, queue: sent.append((name, args)))
    monkeypatch.setattr(nudge, "messages_in", lambda queue: 0)
    return sent


@pytest.fixture
def one_day() -> None:
    """For tests of today and yesterday: near midnight, here or in UTC, it waits until that is over."""
    for zone in (UTC, timezone.get_default_timezone()):
        now = datetime.now(zone)
        midnight = now.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
        left = (midnight - now).total_seconds()
        if left < 90:
            time.sleep(left + 1)


# --- Nothing is done again for each test ------------------------------------------------------
@pytest.fixture(scope="session", autouse=True)
def static_files() -> Iterator[None]:
    """Each client sets up the middleware, and WhiteNoise then looks at hundreds of files: once is enough."""
    known: dict[tuple[str, str], dict[str, Any]] = {}
    look = WhiteNoise.update_files_dictionary

    def once(self: WhiteNoise, root: str, prefix: str) -> None:
        if (root, prefix) not in known:
            look(self, root, prefix)
            known[root, prefix] = dict(self.files)
        self.files.update(known[root, prefix])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(WhiteNoise, "update_files_dictionary", once)
        yield


# --- People ----------------------------------------------------------------------------------
@pytest.fixture
def person(db: None) -> Callable[..., User]:
    """person("Inspector") -> a user with that role; the same one each time unless named otherwise."""

    def make(role: Role | str = Role.INSPECTOR, username: str | None = None) -> User:
        username = username or Role(role).value.lower().replace(" ", "-")
        found = User.objects.filter(username=username).first()
        return found or create_person(username, Role(role))[0]

    return make


@pytest.fixture
def client_of(person: Callable[..., User]) -> Callable[..., Client]:
    """client_of("Admin") -> a browser in which such a person has signed in."""

    def make(role: Role | str = Role.INSPECTOR) -> Client:
        client = Client()
        client.force_login(person(role))
        return client

    return make


@pytest.fixture
def api_of(person: Callable[..., User]) -> Callable[..., APIClient]:
    """api_of("Inspector") -> an API client that sends such a person's token."""

    def make(role: Role | str = Role.INSPECTOR) -> APIClient:
        row, token = AuthToken.objects.create(person(role))
        # As if used a moment ago: that is noted once a minute, and should not count for the request tested.
        TokenNotes.objects.create(token=row, last_used=timezone.now())
        return APIClient(HTTP_AUTHORIZATION=f"Token {token}")

    return make


# --- A model that really judges --------------------------------------------------------------
@pytest.fixture(scope="session")
def trained_run(tmp_path_factory: pytest.TempPathFactory) -> "tuple[Path, detection.TrainResult]":
    """The smallest run there can be: its folder and what `detection.train` said of it."""
    folder = tmp_path_factory.mktemp("parts")
    train = [_write(folder / f"good{n}.png", photo(n)) for n in range(8)]
    good = [_write(folder / f"test{n}.png", photo(100 + n)) for n in range(4)]
    bad = [_write(folder / f"blot{n}.png", photo(200 + n, broken=True)) for n in range(4)]
    test = [detection.LabelledImage(path, "good") for path in good]
    test += [detection.LabelledImage(path, "blot") for path in bad]
    dataset = detection.Dataset("part", tuple(train), tuple(test))
    options = detection.TrainOptions(size=32, width=4, epochs=2, learning_rate=1e-2, device="cpu")
    run_dir = tmp_path_factory.mktemp("runs") / "part" / "run"
    return run_dir, detection.train(dataset, run_dir, options)


@pytest.fixture
def active_version(
    db: None, trained_run: "tuple[Path, detection.TrainResult]"
) -> Iterator[Callable[..., ModelVersion]]:
    """active_version(category) -> the trained run registered and promoted (a new category by default)."""

    def make(category: Category | None = None) -> ModelVersion:
        run_dir, result = trained_run
        version = register(category or CategoryFactory.create(), run_dir, "unet", result)
        return promote(version, by=None)

    yield make
    detectors.forget()


@pytest.fixture(scope="session")
def knowing_runs(
    trained_run: "tuple[Path, detection.TrainResult]", tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Path]:
    """The trained run twice; each copy knows another part by its whole photos."""
    folders = {}
    for name, make in {"Part": picture, "Ring": ring}.items():
        folders[name] = tmp_path_factory.mktemp("known") / name
        shutil.copytree(trained_run[0], folders[name])
        part = of_views([view.of_photo(make(seed)) for seed in range(16)])
        artifact.write_part(folders[name], part.pack())
        (folders[name] / artifact.MANIFEST).unlink()
        artifact._seal(folders[name])
    return folders


@pytest.fixture
def known(
    db: None, knowing_runs: dict[str, Path], trained_run: "tuple[Path, detection.TrainResult]"
) -> Iterator[Callable[..., Category]]:
    """known("Ring") -> a category with an active version that knows its part, a ring; or "Part"."""

    def make(part: str, name: str = "") -> Category:
        made = CategoryFactory.create(name=name or part, slug=(name or part).lower())
        promote(register(made, knowing_runs[part], "unet", trained_run[1]), by=None)
        return made

    yield make
    detectors.forget()


def _write(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


# --- Processes -------------------------------------------------------------------------------
def free_port() -> int:
    """A port to listen on. Below those that outgoing connections get: one of these may take it meanwhile."""
    for port in random.SystemRandom().sample(range(20_000, 32_000), 100):
        with suppress(OSError), socket.socket() as probe:
            probe.bind(("127.0.0.1", port))
            return port
    raise OSError("of a hundred ports none is free")


@pytest.fixture
def processes() -> Iterator[Callable[..., subprocess.Popen[bytes]]]:
    """processes(["celery", ...], {...}) -> a started process; whatever still runs at the end is stopped."""
    started: list[subprocess.Popen[bytes]] = []

    def start(command: list[str], environment: dict[str, str]) -> subprocess.Popen[bytes]:
        module, *arguments = command
        process = subprocess.Popen([sys.executable, "-m", module, *arguments], cwd=ROOT, env=environment)
        started.append(process)
        return process

    yield start
    for process in started:
        process.terminate()
    for process in started:
        try:
            process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@pytest.fixture
def installation(transactional_db: None, media: Path) -> dict[str, str]:
    """The environment in which a started process uses this test's database and files."""
    environment = dict(os.environ) | {"INSPECTOR_MEDIA": str(media), "OMP_NUM_THREADS": "1"}
    if os.environ.get("DATABASE_URL"):
        database = connection.settings_dict["NAME"]
        head, _, tail = os.environ["DATABASE_URL"].rpartition("/")
        environment["DATABASE_URL"] = f"{head}/{database}{''.join(tail.partition('?')[1:])}"
    return environment


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A Redis server: the one of INSPECTOR_TEST_REDIS_URL, else a private one for this session."""
    given = os.environ.get("INSPECTOR_TEST_REDIS_URL")
    if given:
        yield given
        return
    port = free_port()
    folder = tmp_path_factory.mktemp("redis")
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(
            ["redis-server", "--bind", "127.0.0.1", "--port", str(port), "--save", "", "--dir", str(folder)],
            stdout=log,
        )
    yield f"redis://127.0.0.1:{port}/0"
    server.terminate()
    server.wait(timeout=10)
