"""Accounts and their users: opening an account, confirming its address, who I am."""
