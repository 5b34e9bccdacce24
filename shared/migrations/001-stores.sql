-- Which installation this database belongs to. Every Kubernetes object that the platform makes carries this id.
create table installation (
  id uuid not null default gen_random_uuid(),
  only_row boolean primary key default true check (only_row)
);
insert into installation default values;

create table stores (
  id bigint generated always as identity primary key,
  store_id text not null unique check (store_id ~ '^store-[a-z0-9]{8}$'),
  name text not null,
  type text not null,
  status text not null check (status in ('provisioning', 'ready', 'failed', 'deleting', 'deleted')),
  desired_state text not null default 'present' check (desired_state in ('present', 'absent')),
  generation integer not null default 1,
  profile text not null,
  url text not null,
  admin_url text not null,
  namespace text not null,
  namespace_uid text,
  -- The UID of the cluster's kube-system namespace; null until a worker has claimed the first stage.
  cluster text,
  error text,
  error_code text,
  error_hint text,
  idempotency_key text unique,
  idempotency_hash text,
  created_at timestamptz not null default clock_timestamp(),
  updated_at timestamptz not null default clock_timestamp(),
  -- Of the current generation: when its provisioning began (the creation, or the last retry).
  started_at timestamptz not null default clock_timestamp(),
  ready_at timestamptz,
  cleaned_up_at timestamptz,
  unavailable_since timestamptz
);
create index stores_listed on stores (id desc) where status <> 'deleted';
create index stores_by_status on stores (status);
create index stores_recently_ready on stores (ready_at desc) where ready_at is not null;

create table store_events (
  id bigint generated always as identity primary key,
  store_id text not null references stores (store_id) on delete cascade,
  event_type text not null,
  message text not null,
  severity text not null check (severity in ('info', 'success', 'warning', 'error')),
  stage text,
  attempt integer,
  created_at timestamptz not null default clock_timestamp()
);
create index store_events_of_store on store_events (store_id, id);
create index store_events_by_age on store_events (created_at);

create table workers (
  id uuid primary key,
  -- Raised every second by its owner; the leader judges liveness by it (rule 3).
  counter bigint not null default 0,
  host text not null,
  pid integer not null,
  started_at timestamptz not null default clock_timestamp(),
  -- By the database's clock, for people and for /ready; the leader does not trust it.
  seen_at timestamptz not null default clock_timestamp(),
  dead_at timestamptz
);

create table stage_runs (
  store_id text not null references stores (store_id) on delete cascade,
  generation integer not null,
  stage text not null,
  status text not null check (status in ('waiting', 'due', 'running', 'cancelling', 'done', 'failed', 'cancelled')),
  -- The fence: raised by each claim and by each cancellation, checked by every write of a stage.
  epoch integer not null default 0,
  worker_id uuid references workers (id),
  attempt integer not null default 1,
  -- How often a worker died over it.
  deaths integer not null default 0,
  -- Raised at each intended send; part of the job's id.
  dispatch integer not null default 0,
  due_at timestamptz,
  sent_at timestamptz,
  started_at timestamptz,
  -- Milliseconds that ended claims have watched; the running claim adds what its worker's counter gained.
  watched_ms bigint not null default 0,
  counter_at_claim bigint,
  finished_at timestamptz,
  error text,
  primary key (store_id, generation, stage)
);
-- The outbox: what is due and not yet sent, and what was sent and never claimed.
create index stage_runs_due on stage_runs (due_at) where status = 'due';
create index stage_runs_of_worker on stage_runs (worker_id) where status in ('running', 'cancelling');
