"""What is normal: memory banks of good patches, and the usual at each place. Independent of methods."""
