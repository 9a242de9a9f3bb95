"""What writers are told before a reader is: `make lint-docs`, `make status`, `make translated`.

A rule is a function from what is written to findings; `lint.py` lists them all.
"""
