#!/bin/sh
# Installs Chromium, in which the pages are tested, from Debian's packages.
#
#   install.sh          installs it where it is missing; says what to do where it cannot (and does not fail then)
#   install.sh check    is quiet; succeeds where it is there
#
# REKINDLE_REQUIRE_BROWSER=0 leaves it and its tests out.
set -eu

wanted() { [ "${REKINDLE_REQUIRE_BROWSER:-}" != 0 ]; }
installed() { command -v chromium >/dev/null 2>&1; }

if [ "${1:-}" = check ]; then
	wanted && installed
	exit
fi
if ! wanted; then
	echo "· the tests in a browser are left out: REKINDLE_REQUIRE_BROWSER=0"
	exit 0
fi
installed && exit 0
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null 2>&1; then
	echo "· the tests in a browser are left out: they need Debian's package chromium. To run them: sudo apt-get install chromium"
	exit 0
fi
echo "· installing Chromium for the tests (Debian's package, 90 MB, a minute)"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
quietly() {
	DEBIAN_FRONTEND=noninteractive NEEDRESTART_SUSPEND=1 "$@" >"$log" 2>&1
}
quietly apt-get -q -o DPkg::Lock::Timeout=120 update || true
if ! quietly apt-get -q -y -o DPkg::Lock::Timeout=120 install --no-install-recommends --no-remove chromium; then
	tail -5 "$log" >&2
	echo "· the tests in a browser are left out: chromium could not be installed" >&2
	[ "${REKINDLE_REQUIRE_BROWSER:-}" != 1 ]
fi
