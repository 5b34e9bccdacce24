-- Since when a ready shop sleeps until its next visitor; null for one that is awake, and wherever shops don't sleep.
alter table stores add column asleep_since timestamptz;
