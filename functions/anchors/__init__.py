"""Anchors: checkpoints that somebody else dated or keeps, so that a log that is rewritten and signed again is found out."""
