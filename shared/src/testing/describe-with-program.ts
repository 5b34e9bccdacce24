import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { describe, expect, test } from 'vitest';

/** What some tests want beside Node, by the name that Debian's packages have, too. */
export const wantedPrograms = ['redis-server', 'chromium', 'shellcheck', 'curl'] as const;
export type WantedProgram = (typeof wantedPrograms)[number];

/** @returns where the program lies; undefined where it isn't installed. */
export const findProgram = (program: WantedProgram): string | undefined =>
  (process.env['PATH'] ?? '')
    .split(delimiter)
    .map((folder) => join(folder, program))
    .find((path) => existsSync(path));

export const notRun = (program: WantedProgram): string =>
  `What wants ${program} was not run: it is not installed (Debian: apt-get install ${program}).`;

/**
 * Nothing but Node is needed to run the tests, so those that want another program are skipped where it is missing, and
 * say so; where CI is `true` that is a failure, because nobody reads what a machine skips.
 */
export const describeWithProgram = (program: WantedProgram, name: string, tests: () => void): void => {
  const register = findProgram(program) === undefined ? sayNotRun(program) : tests;
  describe(`${name}, with ${program}`, () => {
    register();
  });
};

const sayNotRun = (program: WantedProgram) => (): void => {
  test('is installed', ({ skip }) => {
    expect(process.env['CI'], notRun(program)).not.toBe('true');
    skip(notRun(program));
  });
};
