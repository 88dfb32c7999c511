"""The pages of the vault: what one holds, rotations, custody, and who had access when."""
