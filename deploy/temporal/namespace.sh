#!/bin/sh
# Creates the namespace if it is missing. Its port opens before Temporal can serve,
# so this waits for its health; TEMPORAL_ADDRESS and TEMPORAL_NAMESPACE come from
# the environment. The rest of the namespace's settings is set by "rekindle migrate".
set -eu

try() { # attempts, command...
	left=$1
	shift
	until "$@"; do
		left=$((left - 1))
		[ "$left" -gt 0 ] || return 1
		sleep 5
	done
}

ensure() {
	temporal operator namespace describe --namespace "$TEMPORAL_NAMESPACE" >/dev/null 2>&1 ||
		temporal operator namespace create --namespace "$TEMPORAL_NAMESPACE" --retention 72h
}

try 60 temporal operator cluster health
try 12 ensure
