"""Communication groups: which workloads one selector names and one policy governs, and the proof of each selector."""

from recommender.group.arrange import arrange_groups
from recommender.group.form import form_groups

__all__ = ["arrange_groups", "form_groups"]
