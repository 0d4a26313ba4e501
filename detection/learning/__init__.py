"""Training of networks, and its progress."""
