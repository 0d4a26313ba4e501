import io
import stat
from pathlib import Path

import pytest
from django.core.files import File
from django.core.files.storage import default_storage
from django.http import Http404
from django.test import RequestFactory

from inspector.core import files


def serve(name: str = "a/part.png", **headers: str):
    request = RequestFactory().get("/", headers=headers)
    return files.serve(request, name, content_type="image/png", filename="Teil Ü.png")


def test_a_file_is_stored_under_exactly_its_name_and_over_what_was_there(media: Path):
    assert files.store("a/part.png", b"first") == "a/part.png"
    assert files.store("a/part.png", File(io.BytesIO(b"second"))) == "a/part.png"
    assert (media / "a/part.png").read_bytes() == b"second"
    assert [path.name for path in (media / "a").iterdir()] == ["part.png"]
    assert not stat.S_IMODE((media / "a/part.png").stat().st_mode) & stat.S_IROTH


def test_a_file_on_the_disk_is_fetched_without_a_copy(media: Path, tmp_path: Path):
    files.store("a/part.png", b"first")
    assert files.fetch("a/part.png", tmp_path / "copies") == media / "a/part.png"


def test_a_failed_write_leaves_the_former_file_and_no_part(media: Path):
    files.store("a/part.png", b"first")

    class Breaking(File):
        def chunks(self, chunk_size=None):
            yield b"half"
            raise OSError("unplugged")

    with pytest.raises(OSError, match="unplugged"):
        files.store("a/part.png", Breaking(io.BytesIO(b"")))
    assert [path.name for path in (media / "a").iterdir()] == ["part.png"]
    assert (media / "a/part.png").read_bytes() == b"first"


def test_served_files_stream_and_are_kept_by_the_browser():
    files.store("a/part.png", b"x" * 100_000)
    response = serve()
    assert b"".join(response.streaming_content) == b"x" * 100_000
    assert response["Content-Length"] == "100000"
    assert response["Content-Type"] == "image/png"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "private" in response["Cache-Control"] and "immutable" in response["Cache-Control"]
    assert response["Content-Disposition"].startswith("inline;")
    assert serve(if_none_match=response["ETag"]).status_code == 304


def test_a_file_that_is_gone_is_a_404():
    with pytest.raises(Http404):
        serve("a/gone.png")


def test_a_name_cannot_leave_the_storage():
    with pytest.raises(Exception, match=r"outside|located"):
        files.store("../outside.png", b"")


def test_delete_ignores_what_is_gone(media: Path):
    files.store("a/part.png", b"x")
    files.delete(["a/part.png", "a/never-was.png"])
    assert not (media / "a/part.png").exists()


def test_storage_without_paths(monkeypatch: pytest.MonkeyPatch):
    """As with S3: a local copy is made for code that needs a path, and goes away again."""
    files.store("a/part.png", b"there")

    def no_path(name: str) -> str:
        raise NotImplementedError

    real_open = default_storage.open(name="a/part.png")
    monkeypatch.setattr(default_storage, "path", no_path)
    monkeypatch.setattr(default_storage, "open", lambda name, mode="rb": real_open)
    with files.local_copy("a/part.png") as path:
        assert path.read_bytes() == b"there"
        assert path.suffix == ".png"
    assert not path.exists()
