"""How the register is spread over agencies and stages, and how many targets a run has: the same on both sides."""

PROVINCES = 38
CALLING_OFFICES = 20

# How far cases have come, in steps, and how many of a hundred have; four walked cases (two eras, two weeks) for each.
DEPTHS = {1: 60, 4: 25, 8: 15}
WALKED_OF_EACH = 4

PATHS = 8  # connections, each with targets of its own
# Casefiles per connection that are moved to and fro, the same number at every size: each grows by the same steps.
TRANSITION_TARGETS = 12


def offices_for(casefiles: int) -> int:
    """Offices (and as many employers): 40 in a register of a thousand cases, 520 in one of a hundred thousand."""
    return min(520, max(2 * CALLING_OFFICES, casefiles // 100))


def share(steps: int) -> float:
    """How many of a hundred copies are made of one walked case with so many steps."""
    return DEPTHS[steps] / WALKED_OF_EACH


def office(number: int) -> str:
    """The code of an invented office."""
    return f"bawaslu-uji-{number:03d}"


def employer(number: int) -> str:
    """The code of an invented employer."""
    return f"pemda-uji-{number:03d}"
