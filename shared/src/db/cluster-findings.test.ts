import { expect, it } from 'vitest';
import type { NewFinding } from '../contract/finding.ts';
import { useTestDatabase } from '../testing/test-database.ts';
import { listFindings, replaceFindings } from './cluster-findings.ts';

const storage: NewFinding = { code: 'no_default_storage_class', message: 'No class.', hint: 'Mark one.' };
const ingress: NewFinding = { code: 'no_ingress_class', message: 'No ingress.', hint: 'Install one.' };

it('what is found is kept with its time until it is mended, or is another thing', async () => {
  const { db } = await useTestDatabase();
  expect(await listFindings(db)).toEqual([]);
  await replaceFindings(db, [storage, ingress]);
  const first = await listFindings(db);
  expect(first).toMatchObject([storage, ingress]);
  await replaceFindings(db, [storage, { ...ingress, message: 'Another ingress.' }]);
  const second = await listFindings(db);
  expect(second[0]).toEqual(first[0]);
  expect(second[1]?.message).toBe('Another ingress.');
  await replaceFindings(db, []);
  expect(await listFindings(db)).toEqual([]);
});

it('two workers that look at once write it once', async () => {
  const { db } = await useTestDatabase();
  await Promise.all([1, 2, 3, 4].map(() => replaceFindings(db, [storage, ingress])));
  expect(await listFindings(db)).toHaveLength(2);
});
