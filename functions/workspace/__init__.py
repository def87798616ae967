"""What really changes: tenants, sites, API keys, drafts. Everything else is inserted once and stays."""
