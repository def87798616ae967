"""Statistics for the merchant: numbers of decisions by day, made from committed batches, with nobody in them."""
