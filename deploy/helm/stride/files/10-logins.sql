-- Run once, by the image, when the cluster is made. `stride db migrate` then gives the groups their rights.
-- A login without a password file (coordinator-password, worker-password, reader-password) cannot log in.
create role stride_coordinator nologin;
create role stride_worker nologin;
create role stride_reader nologin;
create role stride_coordinator_login login in role stride_coordinator;
create role stride_worker_login login in role stride_worker;
create role stride_reader_login login in role stride_reader;
\set password `cat /etc/stride/postgres/coordinator-password 2>/dev/null`
select format('alter role stride_coordinator_login password %L', nullif(:'password', '')) \gexec
\set password `cat /etc/stride/postgres/worker-password 2>/dev/null`
select format('alter role stride_worker_login password %L', nullif(:'password', '')) \gexec
\set password `cat /etc/stride/postgres/reader-password 2>/dev/null`
select format('alter role stride_reader_login password %L', nullif(:'password', '')) \gexec
