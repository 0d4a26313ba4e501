"""Memory of the web process after real use: every kind of page and uploads (the aim: under 200 MB, no torch).

python -m benchmarks web_memory
"""

import io
from pathlib import Path

import numpy as np
from PIL import Image
from playwright.sync_api import APIRequestContext, FilePayload, sync_playwright

from benchmarks.installation import Installation
from inspector.categories.models import Category
from inspector.registry.models import ModelVersion
from inspector.registry.promote import promote

PAGES = (
    "/",
    "/inspect/",
    "/history/",
    "/categories/",
    "/admin/",
    "/api/docs/",
    "/api/schema/",
    "/api/categories/",
)
UPLOADS = 20


def main(site: Installation) -> None:
    # Enough for photos to be accepted; no worker judges them here.
    category = Category.objects.create(slug="part", name="Part")
    version = ModelVersion.objects.create(
        category=category, number=1, method="unet", threshold=1, map_low=0, map_high=1
    )
    promote(version, by=None)
    server = site.start("web").pid
    with sync_playwright() as playwright:
        _use(playwright.request.new_context(base_url=site.url), site)
    print(f"{'process':<10} {'resident MB':>12} {'torch':>8}")
    for pid in (server, *_children(server)):
        print(f"{pid:<10} {_resident_mb(pid):>12.0f} {'mapped' if _has_torch(pid) else 'absent':>8}")


def _use(browser: APIRequestContext, site: Installation) -> None:
    """Sign in, look at pages, send 12-megapixel photos."""
    browser.get("/sign-in/")
    cookies = {cookie["name"]: cookie["value"] for cookie in browser.storage_state()["cookies"]}
    sign_in: dict[str, str | float | bool] = {
        **site.account("Admin"),
        "csrfmiddlewaretoken": cookies["csrftoken"],
    }
    browser.post("/sign-in/", form=sign_in, headers={"Referer": site.url})
    for page in PAGES:
        answer = browser.get(page)
        assert answer.ok and "/sign-in/" not in answer.url, (page, answer.status)
    headers = {"Authorization": f"Token {site.token('Inspector')}"}
    for number in range(UPLOADS):
        photo: FilePayload = {
            "name": f"{number}.jpg",
            "mimeType": "image/jpeg",
            "buffer": _photo(number),
        }
        sent = browser.post(
            "/api/inspections/", headers=headers, multipart={"category": "part", "images": photo}
        )
        assert sent.status == 202, sent.text()


def _photo(seed: int) -> bytes:
    pixels = np.random.default_rng(seed).integers(0, 255, (300, 400, 3), dtype=np.uint8)
    out = io.BytesIO()
    Image.fromarray(pixels).resize((4000, 3000)).save(out, "JPEG", quality=90)
    return out.getvalue()


def _children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _resident_mb(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


def _has_torch(pid: int) -> bool:
    return "libtorch" in Path(f"/proc/{pid}/maps").read_text()
