#!/bin/sh
# Makes .venv from the lock: with venv, or with virtualenv where Debian's Python comes without ensurepip.
set -eu
python="$1"
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || {
  echo "Kalauz needs Python 3.11 or newer, and '$python' is not. Install it, or name it: make PYTHON=python3.12 …" >&2
  exit 1
}
if [ ! -x .venv/bin/pip ]; then
  "$python" -m venv .venv 2>/dev/null || {
    rm -rf .venv
    "$python" -m pip install -q --user --break-system-packages virtualenv && "$python" -m virtualenv -q .venv
  } || {
    echo "No virtual environment could be made. Install Python's venv module (Debian: python3-venv), then try again." >&2
    exit 1
  }
fi
echo "Installing what requirements.lock names into .venv …"
.venv/bin/pip install -qq --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
