"""Webhooks: the log rings the bell. A subscription is a cursor over its agency's feed, and `deliver` moves it on.

`subscriptions` is what a client does, `queue` what the pump takes from the database and writes back, `pump` the loop,
`sender` one exchange with a receiver, `addresses` where it may be. The feed is the truth; a webhook only says: look.
"""
