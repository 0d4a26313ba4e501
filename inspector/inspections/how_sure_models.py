"""What an inspection keeps of how sure its verdict is."""

from django.db import models


class HowSure(models.Model):
    # A quick draft decided (`Deployment.fast`): score and heatmap are estimates, and nothing else is known.
    drafted = models.BooleanField(default=False, db_default=False, editable=False)
    # Whether a draft that said OK was right, of a photo that was drawn to be judged by the model, too.
    draft_agrees = models.BooleanField(null=True, editable=False)
    # Of good parts, the share that look at least this unusual; null where the version knows no good scores.
    p_value = models.FloatField(null=True)
    # Its 95 % interval; null also for those judged before it was computed.
    p_low = models.FloatField(null=True, editable=False)
    p_high = models.FloatField(null=True, editable=False)
    # Of `stable_of` slight changes of the photo, this many leave its verdict by score as it is. Null far from
    # both limits, where nobody looked, and for those judged before.
    stable = models.SmallIntegerField(null=True, editable=False)
    stable_of = models.SmallIntegerField(null=True, editable=False)
    # The standard error of a score that is the mean of several draws; null for methods that draw nothing.
    spread = models.FloatField(null=True, editable=False)
    # Between score and threshold, in deviations of the good scores: the smaller, the harder (`doubt`).
    doubt = models.FloatField(null=True, editable=False)

    # Near a limit, and slight changes of the photo change its verdict.
    UNSTABLE = models.Q(stable__lt=models.F("stable_of"))

    class Meta:
        abstract = True


COMPARED_INDEX = models.Index(
    fields=["version", "-id", "draft_agrees"],
    name="inspection_compared",
    condition=models.Q(draft_agrees__isnull=False),
)
UNSTABLE_INDEX = models.Index(
    fields=["created", "id"], name="inspection_unstable_time", condition=HowSure.UNSTABLE
)
