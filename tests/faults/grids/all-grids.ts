import type { Grid } from '../fault-case.ts';
import { crash } from './crash.ts';
import { deletes } from './deletes.ts';
import { kube } from './kube.ts';
import { pods } from './pods.ts';
import { watches } from './watches.ts';

/** In the order of the report. */
export const allGrids: readonly Grid[] = [crash, kube, watches, deletes, pods];
