"""Signing in: password, second factor, and proving once more who one is."""
