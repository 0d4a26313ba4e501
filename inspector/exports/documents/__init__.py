"""PDFs as one would send them to a customer: of one inspection, and of many (a lot)."""
