"""The walk of `./run demo`: two cases through the API over real HTTP, as partners' systems would call it."""
