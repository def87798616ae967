"""Terms that the law sets, as data with their source; nothing computed from them is stored."""
