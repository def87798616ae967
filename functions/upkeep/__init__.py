"""Upkeep of one tenant at a time: reconciliation, anchors, erasure, retention, the turn of the year."""
