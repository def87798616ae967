"""A storefront of a tenant: where it is, who may vouch for its customers, and the edge that its pages call."""
