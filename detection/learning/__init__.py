"""How networks are taught, on what, and how far that is."""
