"""Whether a NIP or a NIK stands in a text that is no place for one; the names of keys are asked the same."""

from __future__ import annotations

from agencies.personal_numbers import is_in, is_or_could_be_in

__all__ = ["is_in", "is_or_could_be_in"]
