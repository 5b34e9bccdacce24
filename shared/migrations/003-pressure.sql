-- How often the job had failed when it brought the run's claim: a job that comes again having failed once more was
-- retried by a person.
alter table stage_runs add column failed_deliveries integer not null default 0;

-- How often in a row the stage failed with the words that stand in `error`.
alter table stage_runs add column same_failures integer not null default 0;

-- Since when the claim counts against the stage's time, by the database's clock, for people alone.
alter table stage_runs add column watching_since timestamptz;

-- When anything of a store last changed that a list shows: what pages are told apart by. Kept here, beside the rows, so
-- that no writer can forget it. A run is added together with a change of its store; whoever changes one has locked its
-- store.
alter table stores add column touched_at timestamptz not null default clock_timestamp();

create function touch_store() returns trigger language plpgsql as $$
begin
  new.touched_at = clock_timestamp();
  return new;
end $$;
create trigger stores_touched before update on stores for each row execute function touch_store();

create function touch_store_of_run() returns trigger language plpgsql as $$
begin
  update stores set touched_at = clock_timestamp() where store_id = new.store_id;
  return null;
end $$;
create trigger stage_runs_touched after update on stage_runs for each row
  when ((old.status, old.attempt, old.due_at, old.started_at, old.finished_at, old.watched_ms, old.watching_since, old.error)
    is distinct from
    (new.status, new.attempt, new.due_at, new.started_at, new.finished_at, new.watched_ms, new.watching_since, new.error))
  execute function touch_store_of_run();
