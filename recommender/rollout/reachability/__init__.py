"""Tests that assert in the cluster which pods can reach which others, and which must not."""
