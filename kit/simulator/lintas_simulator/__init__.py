"""A stand-in register for a partner's own tests: in memory, one process, and it misbehaves when it is told to.

It answers in the register's own shapes and follows the register's own flow, both read from `contract.json`. It is no
register: it judges states, parties, versions, keys and bodies, and of the law's further guards only a few.
"""

from lintas_simulator.register import Register
from lintas_simulator.server import Simulator, running

__all__ = ["Register", "Simulator", "running"]
