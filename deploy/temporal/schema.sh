#!/bin/sh
# Creates Temporal's tables, or brings them up to this version of the tools.
# Repeating it is harmless. SQL_PASSWORD comes from the environment.
set -eu

update() { # database, folder of its schema
	temporal-sql-tool --plugin postgres12 --ep "$SQL_HOST" --port 5432 --user "$SQL_USER" --db "$1" setup-schema -v 0.0
	temporal-sql-tool --plugin postgres12 --ep "$SQL_HOST" --port 5432 --user "$SQL_USER" --db "$1" \
		update-schema -d "/etc/temporal/schema/postgresql/v12/$2/versioned"
}

update temporal temporal
update temporal_visibility visibility
