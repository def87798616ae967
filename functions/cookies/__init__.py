"""What a site sets and loads, the window that asks about it, and what is published of both."""
