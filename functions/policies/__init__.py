"""A tenant's documents and their immutable versions."""
