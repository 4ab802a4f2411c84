"""Every error a user can meet, in one tree.

NetpolRecommendError           exit code 2 unless a subclass says otherwise
├── UsageError                 the command line, the settings or a decisions file cannot be obeyed
├── SourceError                a capture cannot be read as Hubble flows at all
│   ├── HumanFormatError       compact, table or dict output, which carries no labels
│   └── FieldMaskError         an export whose field mask lacks what inference needs
├── StoreError                 a flow dataset cannot be opened or written
├── ReductionError             the flows cannot be reduced to edges with the memory and disk at hand
├── ProcessError               a process that works beside the main one ended before its work was done
├── ReportError                the report directory cannot be written
├── InventoryError             the inventory is not what kubectl prints
├── InvalidPolicyError         a manifest that an API server or Cilium would refuse
├── StrictError                --strict, and a line could not be read
└── NoUsableFlowsError         exit code 3: nothing to learn from
"""

from __future__ import annotations

from typing import ClassVar


class NetpolRecommendError(Exception):
    """What failed, where, and what to do about it."""

    exit_code: ClassVar[int] = 2

    def __init__(self, what: str, *, where: str = "", hint: str = "") -> None:
        self.what = what
        self.where = where
        self.hint = hint
        super().__init__(str(self))

    def __str__(self) -> str:
        location = f"{self.where}: " if self.where else ""
        advice = f"\nTry: {self.hint}" if self.hint else ""
        return f"{location}{self.what}{advice}"


class UsageError(NetpolRecommendError):
    """The command line, the settings or a decisions file cannot be obeyed."""


class SourceError(NetpolRecommendError):
    """A capture cannot be read as Hubble flows at all."""


class HumanFormatError(SourceError):
    """The capture is `compact`, `table` or `dict` output, which carries no labels."""


class FieldMaskError(SourceError):
    """The export's field mask lacks what inference needs."""


class StoreError(NetpolRecommendError):
    """A flow dataset cannot be opened or written."""


class ReductionError(NetpolRecommendError):
    """The flows cannot be reduced to edges with the memory and disk at hand."""


class ProcessError(NetpolRecommendError):
    """A process that works beside the main one ended before its work was done."""


class ReportError(NetpolRecommendError):
    """The report directory cannot be written."""


class InventoryError(NetpolRecommendError):
    """The inventory is not what `kubectl get … -o json` prints."""


class InvalidPolicyError(NetpolRecommendError):
    """A manifest that an API server or Cilium would refuse."""


class StrictError(NetpolRecommendError):
    """`--strict` was given and a line could not be read."""


class NoUsableFlowsError(NetpolRecommendError):
    """There is nothing to learn from."""

    exit_code: ClassVar[int] = 3
