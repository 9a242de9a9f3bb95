"""Tickets: asking support, and following what was asked."""
