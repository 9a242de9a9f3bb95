#!/bin/sh
# Finds Chromium for the browser tests: the system's, else Debian's package, else Playwright's own.
set -eu
chromium() { command -v chromium || command -v chromium-browser || command -v google-chrome; }
chromium >/dev/null && exit 0
if command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
  echo "Installing Debian's Chromium …"
  (apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium) >/dev/null && exit 0
fi
echo "Fetching Playwright's Chromium …"
.venv/bin/playwright install chromium >/dev/null || {
  echo "No Chromium could be had. Install it (Debian: apt-get install chromium), then try again." >&2
  exit 1
}
