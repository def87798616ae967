"""The demo shop: pages of a small store as a merchant would have them, with vendors' snippets as the vendors hand them out."""
