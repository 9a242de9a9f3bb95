"""Mail: the outbox that every action writes to, and the sender that empties it."""
