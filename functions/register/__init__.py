"""The register: everything that is entered once and never changed."""
