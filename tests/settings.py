"""The product's settings on throw-away folders: a test never touches var/, media/ or runs/.

The folders go into the environment before the settings are read, so that a worker or a web server
that a test starts uses the same database and files as the test. Each of pytest's processes has
folders and databases of Redis of its own.
"""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

_PROCESS = os.environ.get("PYTEST_XDIST_WORKER", "alone")
FOLDER = os.environ.get("INSPECTOR_TEST_FOLDER")
if FOLDER is None or os.environ["INSPECTOR_TEST_PROCESS"] != _PROCESS:
    FOLDER = os.environ["INSPECTOR_TEST_FOLDER"] = tempfile.mkdtemp(prefix="inspector-tests-")
    os.environ["INSPECTOR_TEST_PROCESS"] = _PROCESS
    atexit.register(shutil.rmtree, FOLDER, ignore_errors=True)
    for _name in ("var", "media", "runs"):
        (Path(FOLDER) / _name).mkdir()
        os.environ[f"INSPECTOR_{_name.upper()}"] = str(Path(FOLDER) / _name)
    for _name in ("REDIS_URL", "INSPECTOR_TEST_REDIS_URL"):
        if os.environ.get(_name) and _PROCESS != "alone":
            _server, _, _number = os.environ[_name].rpartition("/")
            os.environ[_name] = f"{_server}/{int(_number) + 2 * int(_PROCESS.removeprefix('gw'))}"
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("INSPECTOR_DEVICE", "cpu")
os.environ.setdefault("INSPECTOR_RUNTIME", "torch")  # exact, and nothing to compile; others by name

from inspector.settings import *  # noqa: E402, F403
from inspector.settings import DATABASE_URL, DATABASES, STORAGES, VAR_DIR  # noqa: E402

if not DATABASE_URL:
    # A file and not memory: threads and started processes must see the same rows.
    DATABASES["default"]["TEST"] = {"NAME": VAR_DIR / "inspector.sqlite3"}
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
TELL_WHEN_NOBODY_JUDGES = False  # tests start no workers
