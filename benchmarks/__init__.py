"""Measurements that repeat by one command. `make bench` runs those that take minutes at most."""

import os
import secrets

# An installation on PostgreSQL has to name its key; a throw-away one may have any.
os.environ.setdefault("SECRET_KEY", secrets.token_urlsafe(50))
