#!/bin/sh
# Draws a page with headless Chromium: screenshot.sh PAGE.html PICTURE.png [WIDTH,HEIGHT]
set -eu
browser=$(command -v chromium || command -v chromium-browser || command -v google-chrome) || {
  echo "chromium is needed: apt-get install chromium" >&2
  exit 2
}
profile=$(mktemp -d)
trap 'rm -rf "$profile"' EXIT
"$browser" --headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking \
  --disable-component-update --disable-sync --hide-scrollbars --user-data-dir="$profile" \
  --window-size="${3:-1280,1500}" --screenshot="$2" "file://$(realpath "$1")"
