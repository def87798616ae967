"""Dispute packs: everything about one data subject, opened, with proofs, for whoever has to judge."""
