#!/bin/bash
# Runs once, when the data volume is empty. Rekindle and Temporal each get a role
# that owns its own databases and cannot connect to the other's.
set -euo pipefail

: "${REKINDLE_DB_PASSWORD:?}" "${TEMPORAL_DB_PASSWORD:?}"

# The passwords reach psql through its environment: arguments show in ps.
psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres <<'SQL'
\getenv rekindle_password REKINDLE_DB_PASSWORD
\getenv temporal_password TEMPORAL_DB_PASSWORD

CREATE ROLE rekindle LOGIN PASSWORD :'rekindle_password';
CREATE ROLE temporal LOGIN PASSWORD :'temporal_password';

CREATE DATABASE rekindle OWNER rekindle;
CREATE DATABASE temporal OWNER temporal;
CREATE DATABASE temporal_visibility OWNER temporal;

REVOKE ALL ON DATABASE rekindle, temporal, temporal_visibility, postgres FROM PUBLIC;
SQL
