"""The traps, one theme a file; each is asked about all manifests together."""
