"""Measurements that repeat by one command. `make bench` runs those that take minutes at most."""
