"""Methods of detection as pages call them. A version's may be a fusion of two, written “a+b”."""

from detection.options.catalogue import AUTO, METHODS, MethodInfo
from detection.options.table import TABLE

# Options that apply only where a network is trained, where it comes with weights, or where it removes
# noise.
LEARNING = frozenset(option.name for option in TABLE if option.of in ("learning", "time"))
PRETRAINED = frozenset(option.name for option in TABLE if option.of == "pretrained")
NOISE = frozenset(option.name for option in TABLE if option.of == "noise")


def parts(method: str) -> list[MethodInfo]:
    """What the catalogue knows about a method, or about each half of a fusion; empty for an obsolete one."""
    return [METHODS[name] for name in _names(method) if name in METHODS]


def title(method: str) -> str:
    """Such as “PatchCore + UNet repair”; a name that the catalogue does not know stays as it is."""
    return " + ".join(METHODS[name].title if name in METHODS else name for name in _names(method))


def applies(option: str, method: str) -> bool:
    """Whether a training option applies to a method.

    `auto` chooses by itself how each method learns and on which network; at most its time is limited.
    """
    known = parts(method)
    if not known or option not in LEARNING | PRETRAINED | NOISE:
        return True
    if method == AUTO and option != "minutes":
        return False
    if option in NOISE:
        return any(info.denoises for info in known)
    return any(info.learns if option in LEARNING else info.pretrained for info in known)


def _names(method: str) -> list[str]:
    return [name.strip() for name in method.split("+")]
