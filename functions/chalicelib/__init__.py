"""The functions of Kalauz, in rooms; and how often their interpreter looks for garbage."""

import gc

# Objects less those that are gone. A cold start makes 115,000 that stay, and with Python's own 700 it walks through
# them for a seventh of its time. A request leaves 80, so the collector comes once in some thousand requests.
gc.set_threshold(200_000)
