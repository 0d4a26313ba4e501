"""Measurements, each repeated by one command. `make bench` runs those that take minutes at most."""

import os
import secrets

# On PostgreSQL an installation has to set its key; for a throw-away one, any key will do.
os.environ.setdefault("SECRET_KEY", secrets.token_urlsafe(50))
