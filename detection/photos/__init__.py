"""Files of photos, format by format; `detection.images` is the door to it."""
