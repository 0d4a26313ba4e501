"""The quality of scores: of images, of pixels, with intervals, and of two methods on the same photos.

This module is empty, so that the web process can import one of them without the libraries of the others.
"""
