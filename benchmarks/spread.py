"""How the register is spread over agencies and stages, and how many targets a run has: the same on both sides."""

from demo import pilkada_2020
from demo.pilkada_2020 import CLOSES_AFTER

_CURVES = (pilkada_2020.REPORTED, pilkada_2020.RECOMMENDED, pilkada_2020.FOLLOWED_UP)
PROVINCES = 38
CALLING_OFFICES = 20

# How far cases have come, in steps: submitted, accepted, cleared, acknowledged, with a sanction reported, closed by it.
# Four walked cases (two eras, two weeks) for each.
SUBMITTED, ACCEPTED, CLEARED, ACKNOWLEDGED, REPORTED, CLOSED = 1, 4, 5, 6, 8, 10
DEPTHS = (SUBMITTED, ACCEPTED, CLEARED, ACKNOWLEDGED, REPORTED, CLOSED)
WALKED_OF_EACH = 4

PATHS = 8  # connections, each with targets of its own
# Casefiles per connection that are moved to and fro, the same number at every size: each grows by the same steps.
TRANSITION_TARGETS = 12
# Submitted ones of the present examiner, who has half of all, that a run takes; how many of a hundred there may be.
MOST_MOVED = 3 * PATHS * TRANSITION_TARGETS + 2
MOST_SUBMITTED = 60
# Casefiles that the reading operations ask for.
MOST_READ = 20_000


def offices_for(casefiles: int) -> int:
    """Offices (and as many employers): 40 in a register of a thousand cases, 520 in one of a hundred thousand."""
    return min(520, max(2 * CALLING_OFFICES, casefiles // 100))


def mix(casefiles: int) -> dict[int, float]:
    """How many of a hundred cases have come so far: as in Pilkada 2020 on the last day that was told of it.

    A run moves submitted cases to and fro. Where the curve leaves too few, there are more of them, and fewer others.
    """
    reported, recommended, followed_up = (pilkada_2020.total(curve, 1) for curve in _CURVES)
    cleared = pilkada_2020.NOT_PROVEN
    waiting = reported - recommended - cleared
    # Followed up within the last two months, which is when they are closed.
    fresh = followed_up - sum(1 for day in pilkada_2020.days(_CURVES[-1]) if day + CLOSES_AFTER <= pilkada_2020.UNTIL)
    of_curve = {
        ACCEPTED: waiting // 2,
        CLEARED: cleared,
        ACKNOWLEDGED: recommended - followed_up,
        REPORTED: fresh,
        CLOSED: followed_up - fresh,
    }
    needed = 100 * 2 * MOST_MOVED / casefiles
    submitted = max(100 * (waiting - waiting // 2) / reported, min(needed, MOST_SUBMITTED))
    rest = (100 - submitted) / sum(of_curve.values())
    return {SUBMITTED: submitted, **{steps: number * rest for steps, number in of_curve.items()}}


def share(steps: int, casefiles: int) -> float:
    """How many of a hundred copies are made of one walked case with so many steps."""
    return mix(casefiles)[steps] / WALKED_OF_EACH


def office(number: int) -> str:
    """The code of an invented office."""
    return f"bawaslu-uji-{number:03d}"


def employer(number: int) -> str:
    """The code of an invented employer."""
    return f"pemda-uji-{number:03d}"


# --- SQL of the copy `i`, sent as finished text, in which a per cent sign is written twice ----------------------------

# The golden ratio's multiples spread evenly over 0 to 1, whatever their number: no draw, and the same on both sides.
_EVEN = "(i * 0.6180339887498949 - floor(i * 0.6180339887498949))"
_EVEN_TOO = "(i * 0.7548776662466927 - floor(i * 0.7548776662466927))"
LARGEST_EMPLOYER = 0.3  # of all cases


def padded(number: str, width: int) -> str:
    """The number with leading zeros, never cut: `lpad` alone cuts what is longer."""
    return f"lpad(({number})::text, greatest({width}, length(({number})::text)), '0')"


def _zipf(even: str, of: str) -> str:
    """A rank from 1 to `of` whose share falls as 1/rank: the first of 520 has a tenth."""
    return f"least({of}, floor(exp({even}::float8 * ln({of} + 1.0)))::int)"


def rank_of_office(offices: str) -> str:
    """Which office submitted the case."""
    return _zipf(_EVEN, offices)


def rank_of_employer(employers: str) -> str:
    """Which employer the officer has: three of ten the first, as in a register with one very large agency."""
    rest = f"(({_EVEN_TOO} - {LARGEST_EMPLOYER}) / {1 - LARGEST_EMPLOYER})"
    return f"CASE WHEN {_EVEN_TOO} < {LARGEST_EMPLOYER} THEN 1 ELSE {_zipf(rest, employers)} END"


def busy_until(copies: int) -> int:
    """How many copies are about one officer; everybody else has one case."""
    # More than the walked cases, which are all about one.
    return min(200, max(30, copies // 20))


def nip_of_copy(busy: str) -> str:
    """The officer's NIP: one for the first `busy` copies, then one for each."""
    officer = f"greatest(i, {busy})"
    return (
        f"to_char(date '1970-01-01' + {officer} / 1998, 'YYYYMMDD') || '201001' || 1 + {officer} %% 2"
        f" || lpad((1 + {officer} / 2 %% 999)::text, 3, '0')"
    )


def name_of_copy() -> str:
    """The officer's name: one of five thousand, so that the commonest is that of one case in nine thousand or more."""
    return "'Pegawai Uji ' || i %% 5000"
