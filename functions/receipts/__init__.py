"""Consent receipts once they are complete: the promise, its proof, who dated it, and what was shown."""
