"""Who may do what in a tenant's account: roles, API keys, and the one authorizer in front of every merchant route."""
