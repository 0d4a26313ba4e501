"""How good scores are: of images, of pixels, with intervals, and of two methods on the same photos.

Empty, so that the web process can have one of them without what the others load.
"""
