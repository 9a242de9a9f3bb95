"""What keeps the site from running here, said so that its reader knows what to do."""


class CannotRun(Exception):
    """Its text is one line: what is wrong, and what to do about it."""
