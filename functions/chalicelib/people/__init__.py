"""The people of an account: its contacts, and what its users may do."""
