"""Mails: what is written to whom, the queue that they wait in, and the port that they leave by."""
