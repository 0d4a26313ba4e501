"""Which versions an address asks for."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import QueryDict

from inspector.core.errors import Refused
from inspector.core.numbers import whole
from inspector.registry.models import ModelVersion
from inspector.trials import selectors
from inspector.trials.selectors import MOST, Choice

GONE = "A version that you chose has been deleted meanwhile. Choose again."


@dataclass(frozen=True, slots=True)
class Asked:
    """versions: those to show. given: whether the address names any. missing: ids that no version has."""

    versions: list[ModelVersion]
    given: bool
    missing: list[str]

    @property
    def query(self) -> str:
        """The address that shows the same again, whatever becomes active meanwhile."""
        query = QueryDict(mutable=True)
        query.setlist("version", [str(version.pk) for version in self.versions])
        return query.urlencode()


def of_page(query: QueryDict, offered: Sequence[Choice]) -> Asked:
    """Without any in the address, the usual ones. Raises Refused "too_many_versions"."""
    texts = query.getlist("version")
    return asked(texts) if texts else Asked(selectors.chosen(selectors.usual(offered)), False, [])


def asked(texts: Sequence[str]) -> Asked:
    """Raises Refused "too_many_versions"."""
    ids = [number for text in texts if (number := whole(text)) is not None]
    if len(set(ids)) > MOST:
        words = f"Choose at most {MOST} versions: more cannot be compared on one page."
        raise Refused("too_many_versions", words, fields={"version": [words]})
    shown = selectors.chosen(ids)
    known = {str(version.pk) for version in shown}
    return Asked(shown, True, [text[:20] for text in dict.fromkeys(texts) if text.strip() not in known])


def of_form(texts: Sequence[str]) -> list[ModelVersion]:
    """What somebody ticked. Raises Refused "version_gone" or "too_many_versions"."""
    wanted = asked(texts)
    if wanted.missing and wanted.versions:
        raise Refused("version_gone", GONE, fields={"version": [GONE]})
    return wanted.versions


def of_program(texts: Sequence[str]) -> list[ModelVersion]:
    """A program is told which versions do not exist. Raises Refused "invalid_version" or
    "too_many_versions"."""
    wanted = asked(texts)
    if wanted.missing or not texts:
        words = (
            f"There is no version {wanted.missing[0]}." if wanted.missing else "Name at least one version."
        )
        raise Refused("invalid_version", words, fields={"version": [words]})
    return wanted.versions
