"""The ledger: what was done, by whom, to what, when. It knows other rooms' things by type, id and text alone."""
