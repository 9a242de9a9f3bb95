"""Sessions: signing in and out, proving oneself again, and who a request is from."""
