import type { Grid } from '../fault-case.ts';
import { clocks } from './clocks.ts';
import { crash } from './crash.ts';
import { database } from './database.ts';
import { deaths } from './deaths.ts';
import { hurtPostgres } from './hurt-postgres.ts';
import { leaders } from './leaders.ts';
import { queue } from './queue.ts';
import { restore } from './restore.ts';
import { stopped } from './stopped.ts';
import { twice } from './twice.ts';

/** In the order of the report. */
export const allGrids: readonly Grid[] = [
  crash,
  deaths,
  stopped,
  queue,
  database,
  hurtPostgres,
  clocks,
  leaders,
  restore,
  twice,
];
