"""The places that ask for a consent."""
