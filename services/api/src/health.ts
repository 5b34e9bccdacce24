import type { Answer } from './route.ts';

/** Asks nothing of anybody, so that it says only whether this process answers. */
export const handleHealth = (): Answer => ({
  status: 200,
  body: { status: 'ok', timestamp: new Date().toISOString() },
});
