"""/metrics for Prometheus: what the apps register, computed from the database when it is asked for."""
