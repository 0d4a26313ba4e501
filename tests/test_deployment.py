"""The two ways to run stay one: the Procfile and docker-compose.yml start the same processes."""

import re
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parent.parent
SERVICES = {"web": "web", "inspect": "inspect-worker", "train": "train-worker", "beat": "beat"}


@pytest.fixture(scope="module")
def services() -> dict[str, dict]:
    return yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]


def procfile() -> dict[str, str]:
    lines = (ROOT / "Procfile").read_text().splitlines()
    return dict(line.split(": ", 1) for line in lines)


@pytest.mark.parametrize("process", ["inspect", "train", "beat"])
def test_a_container_runs_what_the_procfile_runs(services, process):
    here = set(procfile()[process].split()) - {"--without-gossip", "--without-mingle"}
    assert here == set(services[SERVICES[process]]["command"])


def test_every_process_has_a_container_and_a_health_check(services):
    assert set(procfile()) == set(SERVICES)
    for name in (*SERVICES.values(), "redis", "postgres"):
        assert "healthcheck" in services[name], name


def test_only_the_proxy_can_be_reached_from_outside(services):
    """It is what stands between slow clients and the web processes, and what speaks TLS."""
    assert [name for name, service in services.items() if "ports" in service] == ["proxy"]
    assert services["web"]["environment"]["INSPECTOR_HTTPS"] == "1"


def test_there_is_no_default_secret():
    text = (ROOT / "docker-compose.yml").read_text()
    for name in ("SECRET_KEY", "POSTGRES_PASSWORD", "REDIS_PASSWORD"):
        assert re.search(rf"\${{{name}:\?", text), f"{name} must be required"
        assert not re.search(rf"\${{{name}:-", text), f"{name} must have no default"
