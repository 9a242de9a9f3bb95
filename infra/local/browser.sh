#!/bin/sh
# Finds Chromium for the browser tests: Debian's without windows, which does a quarter of the work for a page; else the
# system's, else Debian's whole one, else Playwright's own.
set -eu
has() { command -v "$1" >/dev/null; }
debians() {
  has apt-get && [ "$(id -u)" = 0 ] || return 1
  echo "Installing Debian's $1 …"
  (apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "$1") >/dev/null 2>&1
}
has chromium-headless-shell || debians chromium-headless-shell && exit 0
has chromium || has chromium-browser || has google-chrome || debians chromium && exit 0
echo "Fetching Playwright's Chromium …"
.venv/bin/playwright install chromium >/dev/null || {
  echo "No Chromium could be had. Install it (Debian: apt-get install chromium), then try again." >&2
  exit 1
}
