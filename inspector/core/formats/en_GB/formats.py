"""Times as the site shows them: by 24 hours."""

TIME_FORMAT = "H:i"
DATETIME_FORMAT = "j M Y, H:i"
