import { expect, it } from 'vitest';
import { createClosers } from './closers.ts';

it('what was opened last is closed first, whatever one of them says, and only once', async () => {
  const closed: string[] = [];
  const closers = createClosers();
  closers.add(() => void closed.push('database'));
  closers.add(() => Promise.reject(new Error('stuck')));
  closers.add(async () => void closed.push('leader'));
  await expect(closers.closeAll()).rejects.toMatchObject({ errors: [new Error('stuck')] });
  await closers.closeAll();
  expect(closed).toEqual(['leader', 'database']);
});
