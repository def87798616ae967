"""The whole platform on one machine, on 127.0.0.1 only."""
