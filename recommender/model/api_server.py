"""Where the Kubernetes API server listens."""

from __future__ import annotations

from typing import Final

API_SERVER_PORTS: Final = frozenset({443, 6443, 8443, 16443})
"""The service's port, and where kubeadm, managed clusters, minikube and MicroK8s listen; others are the node's own."""
