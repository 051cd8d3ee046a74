"""Disclosure control: nobody can compute from what is published what must not be known."""

from idocore.disclosure.moves import Proof
from idocore.disclosure.policies import Method, Policy, sensitive
from idocore.disclosure.protecting import Protection, protect
from idocore.disclosure.systems import Axis, Key, Sum, System

__all__ = ["Axis", "Key", "Method", "Policy", "Proof", "Protection", "Sum", "System", "protect", "sensitive"]
