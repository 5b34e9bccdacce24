import type { Grid } from '../fault-case.ts';
import { clocks } from './clocks.ts';
import { crash } from './crash.ts';
import { crowd } from './crowd.ts';
import { database } from './database.ts';
import { deaths } from './deaths.ts';
import { deletes } from './deletes.ts';
import { hurtPostgres } from './hurt-postgres.ts';
import { kube } from './kube.ts';
import { leaders } from './leaders.ts';
import { pods } from './pods.ts';
import { queue } from './queue.ts';
import { restore } from './restore.ts';
import { stopped } from './stopped.ts';
import { twice } from './twice.ts';
import { watches } from './watches.ts';

/** In the order of the report. */
export const allGrids: readonly Grid[] = [
  crash,
  kube,
  watches,
  pods,
  deletes,
  deaths,
  stopped,
  queue,
  crowd,
  database,
  hurtPostgres,
  clocks,
  leaders,
  restore,
  twice,
];
