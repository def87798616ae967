"""Small web servers in threads of their own: what stands around the API on one machine."""
