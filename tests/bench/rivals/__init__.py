"""Libraries that keep a history, beside a model update with its entry in the ledger. Each in its usual way."""
