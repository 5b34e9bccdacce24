import type { IncomingHttpHeaders } from 'node:http';
import type { z } from 'zod';
import type { ApiConfig } from '@store-platform/shared/config/api-config';
import type { ProblemCode } from '@store-platform/shared/contract/problem';
import type { Database } from '@store-platform/shared/db/database';
import type { Logger } from '@store-platform/shared/log/logger';
import type { StageQueue } from '@store-platform/shared/queue/stage-queue';
import type { SessionKeeper } from './access/sessions.ts';

/** What every handler may use. */
export interface ApiDeps {
  readonly config: ApiConfig;
  readonly db: Database;
  readonly queue: StageQueue;
  readonly sessions: SessionKeeper | undefined;
  readonly logger: Logger;
}

/** A request as handlers see it: nothing of Express. */
export interface ApiRequest {
  readonly params: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, unknown>>;
  readonly headers: IncomingHttpHeaders;
  readonly body: unknown;
  /** Whether the visitor's connection is encrypted. */
  readonly secure: boolean;
}

export interface Answer {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** One call of the API: what answers it, and all that its documentation says. */
export interface Route {
  readonly method: 'get' | 'post' | 'delete';
  /** With parameters as `{id}`. */
  readonly path: string;
  readonly summary: string;
  /** `open` to everyone; else the token is asked for, where one is set. */
  readonly access: 'open' | 'token';
  readonly body?: z.ZodType;
  readonly query?: z.ZodObject;
  /** Request headers that mean something here, with a sentence. */
  readonly requestHeaders?: Readonly<Record<string, string>>;
  readonly answer: {
    readonly status: number;
    readonly description: string;
    readonly schema?: z.ZodType;
    readonly headers?: Readonly<Record<string, string>>;
  };
  readonly problems: readonly ProblemCode[];
  handle(deps: ApiDeps, request: ApiRequest): Promise<Answer> | Answer;
}
