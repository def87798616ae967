"""Erasing data subjects: on request, when their proof is not needed any more, and when a restriction is over."""
