"""A whole provider's data: `make export`, `make import`, and `make migrate`, which changes their shape."""
