"""None: their tables are made once those exist that they refer to."""
