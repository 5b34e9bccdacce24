import { createLogger } from '../log/logger.ts';

/** For tests that don't look at the log. */
export const silentLogger = createLogger({ name: 'test', level: process.env['TEST_LOG'] ?? 'silent' });
