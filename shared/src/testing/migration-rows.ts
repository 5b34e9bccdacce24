/**
 * For each migration, rows for what it brought: a row for each new table, a value for each new column. The next
 * migrations then run on a database with all of them in it. Written for the schema as that migration left it.
 */
export const rowsOfMigration: Readonly<Record<number, string>> = {
  1: `
    insert into workers (id, counter, host, pid, dead_at) values
      ('00000000-0000-4000-8000-000000000001', 90071992547, 'tea', 4711, null),
      ('00000000-0000-4000-8000-000000000002', 0, 'ñandú', 1, '2024-02-29 23:59:59.999999+00');
    insert into stores (store_id, name, type, status, desired_state, generation, profile, url, admin_url, namespace,
      namespace_uid, cluster, error, error_code, error_hint, idempotency_key, idempotency_hash, started_at, ready_at,
      cleaned_up_at, unavailable_since)
    select 'store-shop' || lpad(number::text, 4, '0'), name, 'woocommerce', status, desired, 2, 'spec', 'http://shop', 'http://shop/wp-admin/',
      'store-shop000' || number, 'uid-' || number, 'cluster-1', error, code, error, 'key-' || number, 'hash', '2026-01-01 12:00:00.123456+00',
      case when status = 'ready' then '2026-01-01 12:01:00+02'::timestamptz end, cleaned, gone
    from (values
      (1, 'Tea & "Co"', 'provisioning', 'present', null, null, null::timestamptz, null::timestamptz),
      (2, E'line\\\\n \\U0001F375 it''s', 'ready', 'present', null, null, null, '2026-01-02'),
      (3, 'a', 'failed', 'present', 'It broke.', 'exec_failed', '2026-01-03', null),
      (4, 'b', 'deleting', 'absent', null, null, null, null),
      (5, 'c', 'deleted', 'absent', null, null, '2026-01-03', null)
    ) as samples (number, name, status, desired, error, code, cleaned, gone);
    insert into stage_runs (store_id, generation, stage, status, epoch, worker_id, attempt, deaths, dispatch, due_at, sent_at,
      started_at, watched_ms, counter_at_claim, finished_at, error)
    select 'store-shop0001', 1, 'stage-' || number, status, 3, '00000000-0000-4000-8000-000000000001', 2, 1, 4, now(), now(),
      now(), 123456789012, 7, now(), 'It broke.'
    from unnest(array['waiting', 'due', 'running', 'cancelling', 'done', 'failed', 'cancelled']) with ordinality as samples (status, number);
    insert into store_events (store_id, event_type, message, severity, stage, attempt)
    select 'store-shop0001', 'stage_failed', 'MySQL: it broke.', severity, 'mysql', 2
    from unnest(array['info', 'success', 'warning', 'error']) as severity;`,
  2: `insert into cluster_findings (code, message, hint) values ('no_storage_class', 'There is none.', 'Make one.');`,
  3: `
    update stage_runs set failed_deliveries = 2, same_failures = 3, watching_since = now() where status = 'running';
    update stores set touched_at = '2026-01-04 12:00:00.123456+00';`,
  4: `update stores set asleep_since = '2026-01-05 12:00:00.123456+00' where status = 'ready';`,
};
