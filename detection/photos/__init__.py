"""Files of photos, format by format. The interface is `detection.photos.images`."""
