"""Sets the demo shop's account up, the way that its merchant would: the account by the operator, the rest by the admin API."""

from infra.local.seed.demo import Seeded, seed

__all__ = ["Seeded", "seed"]
