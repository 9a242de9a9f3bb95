"""The articles: whether they helped, and what readers searched for in vain."""
