#!/bin/sh
# Makes the secrets of compose.yaml in deploy/compose/secrets: random, once (a second run keeps what is there). The folder is closed to
# other users; the files in it are readable, since each container reads its own as a user of its own.
set -eu
umask 077
cd "$(dirname "$0")"
mkdir -p secrets
cd secrets

random() { head -c 32 /dev/urandom | base64 | tr '+/' '-_' | tr -d '=\n'; }
keep() { [ -e "$1" ] || cat > "$1"; }
hash() { printf %s "$(cat "$1")" | sha256sum | cut -d ' ' -f 1; }

for name in postgres_password coordinator_password redis_password worker_token operator_token metrics_token grafana_password; do
  random | keep "$name"
done
queue="redis://:$(cat redis_password)@redis:6379"
keep redis.conf << END
requirepass $(cat redis_password)
END
keep migrate.env << END
STRIDE_DATABASE_URL=postgres://stride:$(cat postgres_password)@postgres:5432/stride
STRIDE_REDIS_URL=$queue
END
keep coordinator.env << END
STRIDE_DATABASE_URL=postgres://coordinator:$(cat coordinator_password)@postgres:5432/stride
STRIDE_REDIS_URL=$queue
END
keep worker.env << END
STRIDE_QUEUE_URL=$queue
END
keep tokens.yaml << END
tokens:
  - { name: operator, role: admin, sha256: $(hash operator_token) }
  - { name: workers, role: work, sha256: $(hash worker_token) }
  - { name: prometheus, role: read, sha256: $(hash metrics_token) }
END
chmod 444 ./*
echo "secrets are in $(pwd)"
