#!/bin/sh
# Runs once, when the database is made: the coordinator's login, with the rights of stride_coordinator alone.
set -eu
psql --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" --set ON_ERROR_STOP=1 --quiet \
  --set password="$(cat /run/secrets/coordinator_password)" <<'SQL'
create role stride_coordinator nologin;
create role coordinator login in role stride_coordinator password :'password';
SQL
