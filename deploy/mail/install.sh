#!/bin/sh
# Installs the mail servers that the tests run against: Postfix and Dovecot, from Debian's packages. Leaves their system
# services stopped and their configuration in /etc alone: the tests run private copies of both.
#
#   install.sh          installs what is missing; says what to do where it cannot (and does not fail then)
#   install.sh check    is quiet; succeeds where the tests can run
#
# REKINDLE_REQUIRE_MAIL_SERVERS=0 leaves the servers and their tests out.
set -eu

packages="postfix dovecot-core dovecot-imapd dovecot-lmtpd dovecot-sieve"

installed() {
	for program in /usr/lib/postfix/sbin/master /usr/lib/dovecot/imap /usr/lib/dovecot/lmtp /usr/bin/sievec; do
		[ -x "$program" ] || return 1
	done
}

wanted() { [ "${REKINDLE_REQUIRE_MAIL_SERVERS:-}" != 0 ]; }

if [ "${1:-}" = check ]; then
	wanted && [ "$(id -u)" = 0 ] && installed
	exit
fi

if ! wanted; then
	echo "· the tests with real mail servers are left out: REKINDLE_REQUIRE_MAIL_SERVERS=0"
	exit 0
fi

if [ "$(id -u)" != 0 ]; then
	echo "· the tests with real mail servers are left out: Postfix starts as root only. To run them: sudo make test"
	exit 0
fi
installed && exit 0
if ! command -v apt-get >/dev/null 2>&1; then
	echo "· the tests with real mail servers are left out: they need Debian's packages $packages"
	exit 0
fi

echo "· installing Postfix and Dovecot for the tests (Debian's packages, 11 MB, half a minute; no service is started)"

# The packages start no service where this file says so; one that is there already keeps its word.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
	printf '#!/bin/sh\nexit 101\n' >"$policy"
	chmod 755 "$policy"
	trap 'rm -f "$policy"' EXIT
	trap 'exit 1' INT TERM
fi
log=$(mktemp)
quietly() {
	DEBIAN_FRONTEND=noninteractive NEEDRESTART_SUSPEND=1 "$@" >"$log" 2>&1
}
# A broken third-party source fails the update without harm to the install.
quietly apt-get -q -o DPkg::Lock::Timeout=120 update || true
echo "postfix postfix/main_mailer_type select No configuration" | debconf-set-selections
# shellcheck disable=SC2086 # a list of packages
if ! quietly apt-get -q -y -o DPkg::Lock::Timeout=120 install --no-install-recommends --no-remove $packages; then
	tail -20 "$log" >&2
	rm -f "$log"
	echo "installing $packages failed. They never replace another mail server: remove that one yourself, test in a container, or leave these tests out with REKINDLE_REQUIRE_MAIL_SERVERS=0" >&2
	exit 1
fi
rm -f "$log"
if [ -d /run/systemd/system ]; then
	systemctl --quiet disable postfix dovecot 2>/dev/null || true # nor at the next boot
fi
