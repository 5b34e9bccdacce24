import { ingress } from './stages/ingress.ts';
import { mysql } from './stages/mysql.ts';
import { namespace } from './stages/namespace.ts';
import { verify } from './stages/verify.ts';
import { volumes } from './stages/volumes.ts';
import { wordpress } from './stages/wordpress.ts';
import { wpCli } from './stages/wp-cli.ts';

/** The story of a store. What waits for what is in each stage's `after`; mysql and wordpress run side by side. */
export const provision = [namespace, volumes, mysql, wordpress, wpCli, ingress, verify];
