-- How often the job had failed when it brought the run's claim: a job that comes again having failed once more was
-- retried by a person.
alter table stage_runs add column failed_deliveries integer not null default 0;

-- How often in a row the stage failed with the words that stand in `error`.
alter table stage_runs add column same_failures integer not null default 0;

-- Since when the claim counts against the stage's time, by the database's clock, for people alone.
alter table stage_runs add column watching_since timestamptz;
