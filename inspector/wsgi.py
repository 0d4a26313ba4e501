"""What the web server runs."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "inspector.settings")

django = get_wsgi_application()

from inspector.core.plain_text import usual_charsets  # noqa: E402  (once the settings are read)

application = usual_charsets(django)
