"""PDFs fit to send to a customer: of one inspection, and of many (a lot)."""
