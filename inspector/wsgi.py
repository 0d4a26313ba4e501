"""What the web server runs."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "inspector.settings")

django = get_wsgi_application()

from inspector.core import time_limits  # noqa: E402  (once the settings are read)
from inspector.core.plain_text import usual_charsets  # noqa: E402

time_limits.of_web_process()
application = usual_charsets(django)
