"""Django's backend for PostgreSQL, with an end to how long a server is waited for that says nothing."""
