"""What a fresh installation gets: one account for each role, and demo categories to look at.

Everything here is harmless to repeat: what is there already is left as it is.
"""

import json
import logging
import os
from pathlib import Path
from tempfile import TemporaryDirectory

from django.conf import settings
from django.db import transaction

from detection import demo
from inspector.accounts.models import User
from inspector.accounts.people import create_person
from inspector.categories.create import create_category
from inspector.categories.models import Category
from inspector.core.events import record
from inspector.core.models import SetupStep
from inspector.core.nudge import nudge
from inspector.core.roles import Role
from inspector.registry.selectors import active_version
from inspector.samples.import_folder import import_folder
from inspector.site.events import StartEvent
from inspector.training.submit import submit

log = logging.getLogger(__name__)

DEMO = "demo"  # a SetupStep
DEMO_TASK = "inspector.site.tasks.make_demo"
PRODUCTION = "demo production"  # a SetupStep: where the demo was made before there was any, none is made
PRODUCTION_TASK = "inspector.site.tasks.make_production"
# Ready on every machine within minutes, whatever the default is for other parts.
DEMO_METHOD = "unet"
DEMO_SLUGS = {part.slug for part in demo.CATEGORIES}
USERNAMES = {Role.INSPECTOR: "inspector", Role.QA_MANAGER: "qa", Role.ADMIN: "admin"}
Accounts = dict[str, dict[str, str]]


def accounts_file() -> Path:
    """Where the first passwords are kept, readable by the owner only."""
    return settings.VAR_DIR / "accounts.json"


def make_accounts() -> Accounts:
    """One account for each role with a random password; empty when there are people already."""
    if User.objects.exists():
        return {}
    accounts: Accounts = {}
    for role, username in USERNAMES.items():
        _, password = create_person(username, role)
        accounts[role.value] = {"username": username, "password": password}
    _write_private(accounts_file(), json.dumps(accounts, indent=2) + "\n")
    return accounts


def announce_demo() -> bool:
    """The demo categories, still empty, and a message to the train worker to fill them; once only.

    False when they were made before, or when this installation has categories of its own.
    """
    if demo_made():
        return False
    if Category.objects.exclude(slug__in=DEMO_SLUGS).exists():
        return False
    for part in demo.CATEGORIES:
        if not Category.objects.filter(slug=part.slug).exists():
            create_category(part.name, slug=part.slug, description=part.description, by=None)
    nudge(DEMO_TASK, queue="train")
    return True


def make_demo() -> None:
    """Photograph the demo parts, import them and queue their trainings. Continues where it was cut off."""
    if not demo_made():
        SetupStep.objects.get_or_create(name=PRODUCTION)
    for part in demo.CATEGORIES:
        category = Category.objects.filter(slug=part.slug).first()
        if category is None or category.runs.exists():
            continue
        log.info("%s: making the photos", part.name)
        with TemporaryDirectory() as folder:
            (made,) = demo.make(Path(folder), categories=[part.slug])
            import_folder(made, by=None, slug=part.slug)
        options = dict(part.options)
        method = options.pop("method", DEMO_METHOD)
        submit(category=category, by=None, method=method, options=options, promote_when_done=True)
    with transaction.atomic():
        _, first = SetupStep.objects.get_or_create(name=DEMO)
        if first:
            record(None, StartEvent.DEMO_CREATED, "demo categories")


def ask_for_production(category_id: int | None = None) -> None:
    """Of this demo category, which has a version in use now; or of each that has none yet, for the start
    after one that was cut off."""
    if not SetupStep.objects.filter(name=PRODUCTION).exists():
        return
    made = SetupStep.objects.filter(name__startswith="production of ").values_list("name", flat=True)
    wanted = Category.objects.filter(slug__in=DEMO_SLUGS, archived=None)
    wanted = wanted.filter(pk=category_id) if category_id else wanted
    for category in wanted:
        if production_step(category.slug) not in made and active_version(category):
            nudge(PRODUCTION_TASK, category.slug, queue="train")


def production_step(slug: str) -> str:
    """The SetupStep that says that the production of a demo category was made, whatever became of it."""
    return f"production of {slug}"


def demo_made() -> bool:
    """Whether it was once, whatever became of its categories."""
    return SetupStep.objects.filter(name=DEMO).exists()


def _write_private(path: Path, text: str) -> None:
    """Never readable by others, not even while it is being written."""
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
