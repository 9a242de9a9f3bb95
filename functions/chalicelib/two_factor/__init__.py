"""Two-factor authentication by codes of an authenticator app (TOTP), and recovery codes."""
