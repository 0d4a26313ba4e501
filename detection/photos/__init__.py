"""Files of photos, format by format; `detection.photos.images` is the door to it."""
