import { describe, expect, it } from 'vitest';
import { orAllFaults } from './all-faults.ts';
import { ConfigError } from './config-error.ts';

const fault = (sentence: string) => () => {
  throw new ConfigError([sentence]);
};

describe('a start', () => {
  it('ends with one list of the faults of the settings and of what they name', async () => {
    const start = orAllFaults(fault('PORT'), async () => fault('DATABASE_URL')(), fault('KUBE_CONTEXT'));
    await expect(start).rejects.toMatchObject({
      name: 'ConfigError',
      faults: ['PORT', 'DATABASE_URL', 'KUBE_CONTEXT'],
    });
  });

  it('goes on with the settings when nothing is at fault', async () => {
    await expect(
      orAllFaults(
        () => 'settings',
        () => undefined,
      ),
    ).resolves.toBe('settings');
  });

  it('tells of a fault of its own as what it is, unless the settings explain it', async () => {
    const bug = () => Promise.reject(new TypeError('a bug'));
    await expect(orAllFaults(() => 'settings', bug)).rejects.toThrow(TypeError);
    await expect(orAllFaults(bug)).rejects.toThrow(TypeError);
    await expect(orAllFaults(fault('PORT'), bug)).rejects.toThrow(ConfigError);
  });
});
