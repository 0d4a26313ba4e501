"""How the audit trail tells of trainings."""

from inspector.core.trail import Detail, describe
from inspector.registry.methods import title
from inspector.training.panels import told_options


def _asked(detail: Detail) -> str:
    method = detail.get("method", "")
    told = [f"{name}: {value}" for name, value in told_options(detail.get("options", {}), method)]
    return "; ".join([f"Run {detail['run']}", *([title(method)] if method else []), *told])


def _run(detail: Detail) -> str:
    return f"Run {detail['run']}"


def _gone(detail: Detail) -> str:
    told = f"{detail['samples']} samples, {detail['versions']} versions, {detail['runs']} trainings"
    return f"{told}; address: {detail['slug']}"


describe("retrain", "Started training", _asked)
describe("train", "Trained version", _run)
describe("cancel run", "Cancelled training")
describe("retry run", "Retried training")
describe("archive category", "Archived category")
describe("unarchive category", "Unarchived category")
describe("delete category", "Deleted category", _gone)
