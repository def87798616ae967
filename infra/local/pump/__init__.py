"""What Lambda does with streams, queues and schedules: takes from them, and calls the functions that are bound to them."""

from infra.local.pump.pump import Pump

__all__ = ["Pump"]
