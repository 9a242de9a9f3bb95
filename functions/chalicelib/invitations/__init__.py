"""Inviting a person to an account, and accepting it."""
