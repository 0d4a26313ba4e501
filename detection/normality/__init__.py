"""What normal looks like: banks of good patches, and what is usual at each place. Method-free maths."""
