"""The tamper-evident tree over the register, and what goes into it."""
