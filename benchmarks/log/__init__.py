"""What the verifiable log costs and gives: verification, proofs, writing with it and without, the feed."""
