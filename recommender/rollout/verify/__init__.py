"""Any flows against any manifests: what passes, what would be denied, and what nobody uses."""
