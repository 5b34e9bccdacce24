import type { Grid } from '../fault-case.ts';
import { crash } from './crash.ts';

/** In the order of the report. */
export const allGrids: readonly Grid[] = [crash];
