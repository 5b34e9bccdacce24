import { z } from 'zod';
import { Finding, type NewFinding } from '../contract/finding.ts';
import type { Database, Sql } from './database.ts';
import { storedText } from './events.ts';

const FindingRow = z.object({
  code: Finding.shape.code,
  message: z.string(),
  hint: z.string(),
  found_at: z.date().transform((time) => time.toISOString()),
});

export const listFindings = async (sql: Sql): Promise<Finding[]> =>
  z
    .array(FindingRow)
    .parse(await sql.query('select code, message, hint, found_at from cluster_findings order by code'));

/** Writes what a look found in the place of what the look before found; what both found keeps its time. */
export const replaceFindings = async (db: Database, findings: readonly NewFinding[]): Promise<void> => {
  const [codes, messages, hints] = [
    findings.map(({ code }) => code),
    findings.map(({ message }) => storedText(message)),
    findings.map(({ hint }) => storedText(hint)),
  ];
  await db.transaction(async (sql) => {
    // Two workers may look at once.
    await sql.query('lock table cluster_findings in exclusive mode');
    await sql.query(
      `delete from cluster_findings
       where (code, message) not in (select * from unnest($1::text[], $2::text[]))`,
      [codes, messages],
    );
    await sql.query(
      `insert into cluster_findings (code, message, hint)
       select * from unnest($1::text[], $2::text[], $3::text[]) on conflict (code) do nothing`,
      [codes, messages, hints],
    );
  });
};
