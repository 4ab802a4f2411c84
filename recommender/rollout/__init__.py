"""How do we get there, and stay there? Everything between a recommendation and enforcement that lasts.

Asks the evaluator about manifests of any origin; stands above the stages, and none of them knows it (ADR 60).
"""
