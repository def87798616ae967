"""The watcher: raises an alarm when an entry of the register is changed or removed."""
