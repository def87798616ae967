"""Keys: the only way to personal data. What is shredded here is noise everywhere."""
