"""Communication groups: which workloads one selector names and one policy governs, and the proof of each selector."""

from recommender.group.form import form_groups

__all__ = ["form_groups"]
