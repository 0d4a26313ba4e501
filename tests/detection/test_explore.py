"""Describing a category: one look at each photo, numbers that are right, files for people and programs."""

import json
import re
from html.parser import HTMLParser

import numpy as np
import pytest
from PIL import Image

from detection import Cancelled, Dataset, datasets, explore
from detection.explore import look, plots
from detection.explore.markup import adaptive
from detection.explore.page import page
from detection.photos import images
from tests.detection.parts import category, part


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = category(tmp_path_factory.mktemp("data") / "plates", train=14, good=4, red=3)
    (folder / "train/good/copy.png").write_bytes((folder / "train/good/00.png").read_bytes())
    return folder


@pytest.fixture(scope="module")
def description(folder):
    return explore.describe(datasets.scan(folder))


@pytest.fixture(scope="module")
def written(description, tmp_path_factory):
    """The folder of its files, where an earlier exploration and somebody else had left theirs."""
    folder = tmp_path_factory.mktemp("written")
    (folder / "plots").mkdir()
    (folder / "plots/sizes.svg").write_text("of a former look")
    (folder / "plots/mine.svg").write_text("somebody's own")
    explore.write(description, folder)
    return folder


class Page(HTMLParser):
    """What a page refers to, and its elements."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.sources = [], []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.sources += [value for name, value in attributes if name in ("src", "href")]


# --- Looking ---------------------------------------------------------------------------------
def test_numbers_of_a_known_photo(tmp_path):
    pixels = np.full((40, 60), 100, dtype=np.uint8)
    pixels[:4], pixels[4:10] = 0, 255
    path = tmp_path / "a.png"
    Image.fromarray(pixels).save(path)
    photo = look.look(look.Item("a", "train", "good", path)).photo
    assert (photo.width, photo.height, photo.mode, photo.format) == (60, 40, "L", "PNG")
    assert photo.brightness == pytest.approx(pixels.mean(), abs=1e-3)
    assert photo.contrast == pytest.approx(pixels.std(), abs=1e-3)
    assert (photo.dark, photo.light) == (0.1, 0.15)
    assert photo.sha256 == datasets.sha256(path)


def test_sharpness_against_a_slow_literal_laplacian():
    pixels = np.random.default_rng(0).integers(0, 256, (12, 9), dtype=np.uint8)
    grey = pixels.astype(int)
    laplacians = [
        4 * grey[y, x] - grey[y - 1, x] - grey[y + 1, x] - grey[y, x - 1] - grey[y, x + 1]
        for y in range(1, 11)
        for x in range(1, 8)
    ]
    assert look.sharpness(Image.fromarray(pixels)) == pytest.approx(np.var(laplacians))
    assert look.sharpness(Image.new("L", (2, 900))) == 0


def test_each_photo_is_decoded_once(folder, monkeypatch):
    decoded = []
    whole = images.decode
    monkeypatch.setattr(
        images, "decode", lambda source, **more: (decoded.append(1), whole(source, **more))[1]
    )
    reports = []
    explore.describe(datasets.scan(folder), on_progress=lambda done, total: reports.append((done, total)))
    assert len(decoded) == 22
    assert reports == [(n, 22) for n in range(1, 23)]


def test_it_stops_when_told(folder):
    with pytest.raises(Cancelled):
        explore.describe(datasets.scan(folder), should_stop=lambda: True)


# --- What comes of it ------------------------------------------------------------------------
def test_counts_and_statistics(description):
    assert description.counts == {"train": {"good": 15}, "test": {"good": 4, "red": 3}}
    assert description.total == 22
    groups = description.statistics["groups"]
    assert list(groups) == ["train", "good", "red"]
    assert groups["train"]["n"] == 15
    assert groups["train"]["brightness"]["median"] == pytest.approx(129.5, abs=1)
    assert description.statistics["sizes"] == [[40, 40, 22]]
    for shares in description.histograms.values():
        assert sum(shares) == pytest.approx(1, abs=1e-4)
    assert set(description.histograms) == {"train", "good", "defective"}


def test_photos_may_have_names_of_their_own(folder):
    """As where files are stored under other names than people know them by."""
    dataset = datasets.scan(folder)
    names = {path: str(n) for n, path in enumerate(dataset.train)}
    described = explore.describe(dataset, names=names)
    assert ("0", "14") in [case.files for finding in described.findings for case in finding.cases]
    assert described.photos[15].name == "test/good/00.png"


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA", "P", "I;16"])
def test_any_kind_of_photo_without_labels(tmp_path, mode):
    for n in range(3):
        path = part(tmp_path / f"{n}.png", n)
        with Image.open(path) as image:
            wide = image.resize((90, 30))
        grey = Image.fromarray(np.asarray(wide.convert("L")).astype(np.uint16) * 256)
        (grey if mode == "I;16" else wide.convert(mode)).save(path)
    dataset = Dataset("strip", tuple(sorted(tmp_path.glob("*.png"))))
    description = explore.describe(dataset)
    assert description.statistics["modes"] == {mode: 3}
    assert description.statistics["groups"]["train"]["brightness"]["median"] == pytest.approx(129, abs=4)
    assert "90 x 30 px" in page(description, {})


def test_a_category_of_which_nothing_can_be_read(tmp_path):
    path = tmp_path / "a.png"
    path.write_bytes(b"no photo")
    description = explore.describe(Dataset("odd", (path, tmp_path / "gone.png")))
    assert [one.code for one in description.unread] == ["not_an_image", "file"]
    assert "cannot be read" in explore.write(description, tmp_path / "out").read_text()


# --- Files -----------------------------------------------------------------------------------
def test_the_page_needs_nothing_else_and_runs_nothing(written):
    page = Page((written / "explore.html").read_text())
    assert "script" not in page.tags
    assert "link" not in page.tags
    outside = [source for source in page.sources if not source.startswith(("data:image/", "plots/"))]
    assert outside == []
    for source in page.sources:
        assert source.startswith("data:") or (written / source).is_file()


def test_names_cannot_break_the_page(tmp_path):
    folder = category(tmp_path / "a<b>&c", train=2)
    part(folder / "test/<i>/\"x'<script>.png", 1)
    text = page(explore.describe(datasets.scan(folder)), {})
    assert "<script>" not in text
    assert "a&lt;b&gt;&amp;c" in text
    assert "&lt;i&gt;" in text


def test_the_data_of_it_are_one_json_object(description, written):
    data = json.loads((written / "explore.json").read_text())
    assert data["format_version"] == 1
    assert data["counts"] == description.counts
    assert len(data["photos"]) == 22
    assert data["findings"][0]["cases"][0]["files"] == ["train/good/00.png", "train/good/copy.png"]
    assert "pictures" not in data
    assert "photos" not in description.as_dict(photos=False)


def test_plots_are_both_kinds_and_no_more_than_there_are_numbers_for(written):
    drawn = {path.stem for path in (written / "plots").glob("*.png")}
    first = {"counts", "good_and_defective", "grey_histograms"}
    assert drawn == first | {"brightness", "sharpness", "likeness"}
    assert {path.stem for path in (written / "plots").glob("*.svg")} == drawn | {"mine"}
    words = re.findall(r"<text[^>]*>([^<]*)", (written / "plots/counts.svg").read_text())
    assert {"training, good", "test, red", "15", "3"} <= set(words)


def test_the_same_photos_give_the_same_plots(description, written, tmp_path, monkeypatch):
    monkeypatch.setattr(plots, "_DRAWN", (plots.brightness, plots.likeness))
    plots.write(tmp_path, description)
    drawn = list(tmp_path.iterdir())
    assert len(drawn) == 4, "two plots, as SVG and as PNG"
    for path in drawn:
        assert path.read_bytes() == (written / "plots" / path.name).read_bytes()


def test_plots_on_the_page_follow_the_readers_scheme(written):
    svg = adaptive((written / "plots/counts.svg").read_text())
    assert "prefers-color-scheme:dark" in svg
    assert "#ffffff" not in svg.split("</style>")[1]


def test_several_categories_on_one_page(description, tmp_path):
    path = explore.write_all("Parts", [description], tmp_path, {"bolt": "bolt has no train/good folder."})
    text = path.read_text()
    assert 'href="plates/explore.html"' in text
    assert "bolt has no train/good folder." in text
    data = json.loads((tmp_path / "explore.json").read_text())
    assert data["categories"][0]["category"] == "plates"
    assert set(data["failed"]) == {"bolt"}


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("train", [[0] * 4, [255], [0, 255, 0, 255], [90, 91, 92, 93]])
def test_photos_of_one_colour_are_described_and_drawn(tmp_path, train):
    for n, value in enumerate(train):
        for label in ("train/good", "test/good", "test/bad"):
            path = tmp_path / f"part/{label}/{n}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.new("RGB", (40, 30), (value,) * 3).save(path)
    description = explore.describe(datasets.scan(tmp_path / "part"))
    assert "blank" in {finding.code for finding in description.findings}
    page = explore.write(description, tmp_path / "out")
    drawn = {path.name for path in (tmp_path / "out/plots").glob("*.svg")}
    assert {"counts.svg", "brightness.svg", "sharpness.svg", "grey_histograms.svg"} <= drawn
    assert explore.write_all("parts", [description] * 2, tmp_path / "all").is_file()
    assert page.is_file()


def test_a_figure_that_fails_is_left_out_of_the_page(tmp_path, monkeypatch, caplog):
    def fails(description):
        raise ValueError("too many bins")

    monkeypatch.setattr(plots, "_DRAWN", (fails, plots.counts))
    category(tmp_path / "part", train=3)
    page = explore.write(explore.describe(datasets.scan(tmp_path / "part")), tmp_path / "out")
    assert page.is_file()
    assert [path.name for path in (tmp_path / "out/plots").glob("*.svg")] == ["counts.svg"]
    assert "too many bins" in caplog.text
