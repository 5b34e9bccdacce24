-- What the last look at the cluster found wanting, before any store meets it: one row each, gone when it is mended.
create table cluster_findings (
  code text primary key,
  message text not null,
  hint text not null,
  found_at timestamptz not null default clock_timestamp()
);
