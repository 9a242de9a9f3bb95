"""`make bench`: what it costs, beside what it may cost (design.md, Budgets)."""
