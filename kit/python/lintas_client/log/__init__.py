"""The verifier: the wheel brings `tlog` and `verify` here; in a checkout of the register they lie in `audit`."""
