"""The two ways to run stay one: the Procfile and docker-compose.yml start the same processes."""

import os
import re
import subprocess
from pathlib import Path

import pytest
import yaml

from tests.conftest import compose_command

ROOT = Path(__file__).resolve().parent.parent
SERVICES = {
    "web": "web",
    "inspect": "inspect-worker",
    "train": "train-worker",
    "explain": "explain-worker",
    "beat": "beat",
}


@pytest.fixture(scope="module")
def services() -> dict[str, dict]:
    return yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]


def procfile() -> dict[str, str]:
    lines = (ROOT / "Procfile").read_text().splitlines()
    return dict(line.split(": ", 1) for line in lines)


@pytest.mark.parametrize("process", ["inspect", "train", "explain", "beat"])
def test_a_container_runs_what_the_procfile_runs(services, process):
    here = set(procfile()[process].split()) - {"--without-gossip", "--without-mingle"}
    assert here == set(services[SERVICES[process]]["command"])


def test_every_process_has_a_container_and_a_health_check(services):
    assert set(procfile()) == set(SERVICES)
    for name in (*SERVICES.values(), "redis", "postgres"):
        assert "healthcheck" in services[name], name


@pytest.mark.parametrize("process", ["inspect", "train", "explain", "beat"])
def test_a_worker_s_health_check_asks_for_the_name_it_has(services, process):
    service = services[SERVICES[process]]
    name = service["command"][service["command"].index("--hostname") + 1]
    assert f"--process {name.replace('%h', '$$HOSTNAME')}" in service["healthcheck"]["test"][-1]


def test_only_the_proxy_can_be_reached_from_outside(services):
    """It is what stands between slow clients and the web processes, and what speaks TLS."""
    assert [name for name, service in services.items() if "ports" in service] == ["proxy"]
    assert services["web"]["environment"]["INSPECTOR_HTTPS"] == "1"


@pytest.mark.compose
def test_compose_takes_the_file_with_the_secrets_and_not_without():
    secrets = dict.fromkeys(("SECRET_KEY", "POSTGRES_PASSWORD", "REDIS_PASSWORD"), "x")
    command = [*(compose_command() or []), "-f", str(ROOT / "docker-compose.yml"), "config", "-q"]
    bare = {name: value for name, value in os.environ.items() if name not in (*secrets, "DATABASE_URL")}
    done = subprocess.run(command, env=bare | secrets, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    refused = subprocess.run(command, env=bare, capture_output=True, text=True)
    assert refused.returncode and "put a" in refused.stderr


def test_no_container_can_do_more_than_it_must(services):
    for name, service in services.items():
        assert service["cap_drop"] == ["ALL"], name
        assert service["read_only"] and service["security_opt"] == ["no-new-privileges:true"], name
        assert "mem_limit" in service, name


def test_the_web_image_is_the_one_without_torch(services):
    assert services["web"]["build"]["target"] == "web"
    assert (
        services["inspect-worker"]["build"]["target"]
        == services["train-worker"]["build"]["target"]
        == "worker"
    )


def test_there_is_no_default_secret():
    text = (ROOT / "docker-compose.yml").read_text()
    for name in ("SECRET_KEY", "POSTGRES_PASSWORD", "REDIS_PASSWORD"):
        assert re.search(rf"\${{{name}:\?", text), f"{name} must be required"
        assert not re.search(rf"\${{{name}:-", text), f"{name} must have no default"
