"""Sessions: begin, renew and end them, and who a request is from."""
