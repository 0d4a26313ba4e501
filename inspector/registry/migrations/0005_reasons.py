"""Reasons that runs of former times told in sentences only: each read once, and stored as what it says."""

import re

from django.db import migrations

# As `detection.verdicts.thresholds` told it until there was a code for it.
BEGINS, BY_DEFECTS = "REVIEW begins where ", "labelled defects score"
# What `detection.runs.reference` warned of odd photos.
ODD = "not look like the rest"
# What the network library said, until the end of 2026.
RAW = re.compile(r"could not be downloaded \(.*?\)\.(?= Either )")
TITLES = {
    "patchcore-padim": "PatchCore with PaDiM",
    "patchcore": "PatchCore",
    "padim": "PaDiM",
    "filterbank": "Filter bank",
    "unet-features": "UNet on a filter bank",
    "unet-repair": "UNet repair",
    "unet": "UNet autoencoder",
}
_NAME = f"(?:{'|'.join(TITLES)})"
# A method, or several fused.
NAMES = re.compile(rf"(?<![\w-]){_NAME}(?:\+{_NAME})*(?![\w-])")


def fill(apps, schema_editor):
    versions = apps.get_model("registry", "ModelVersion").objects
    for pk, config, metrics in versions.values_list("pk", "config", "metrics").iterator(chunk_size=20):
        before = str(config)
        _review_by(config.get("threshold") or {})
        _ranking(config.get("ranking") or {})
        _odd(config, [*(metrics.get("warnings") or ()), *(config.get("warnings") or ())])
        if str(config) != before:
            versions.filter(pk=pk).update(config=config)


def _review_by(chosen):
    """Whether scores of good parts or of labelled defects say where REVIEW begins."""
    _, begins, why = str(chosen.get("chosen_on") or "").partition(BEGINS)
    if begins and chosen.get("review_from") is not None:
        chosen.setdefault("review_by", "defects" if BY_DEFECTS in why else "good")


def _ranking(ranking):
    """Why `auto` took a method, with the methods' titles; and why one was left out, without raw text."""
    if ranking.get("why") and not ranking.get("reason"):
        ranking.setdefault("told", NAMES.sub(_title, ranking["why"]))
    for row in ranking.get("candidates") or ():
        if row.get("left_out"):
            row["left_out"] = RAW.sub("could not be downloaded.", row["left_out"])


def _title(found):
    return " + ".join(TITLES[name] for name in found[0].split("+"))


def _odd(config, warnings):
    if config.get("odd"):
        found = next((text for text in warnings if ODD in text), "")
        config.setdefault("odd_warning", found)


class Migration(migrations.Migration):
    dependencies = [
        ("registry", "0004_words"),
    ]

    operations = [
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
