"""How good are the policies? Simulated clusters whose needs are known, judged by the manifests as written."""
