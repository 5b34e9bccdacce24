import type { IncomingHttpHeaders } from 'node:http';
import type { z } from 'zod';
import type { ApiConfig } from '@store-platform/shared/config/api-config';
import type { ProblemCode } from '@store-platform/shared/contract/problem';
import type { Database } from '@store-platform/shared/db/database';
import type { Logger } from '@store-platform/shared/log/logger';
import type { StageQueue } from '@store-platform/shared/queue/stage-queue';
import type { SessionKeeper } from './access/sessions.ts';
import type { Sender } from './stores/send-soon.ts';
import type { Turns } from './stores/take-turns.ts';

/** What every handler may use. */
export interface ApiDeps {
  readonly config: ApiConfig;
  readonly db: Database;
  readonly queue: StageQueue;
  readonly sender: Sender;
  readonly turns: Turns;
  readonly sessions: SessionKeeper | undefined;
  readonly documentation: { readonly document: object; readonly page: string };
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
  /** The visitor's own, behind however many proxies of this machine. */
  readonly address: string;
}

export interface Answer {
  readonly status: number;
  /** Text is sent as HTML, anything else as JSON. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** An answer as its documentation describes it. */
export interface RouteAnswer {
  readonly status: number;
  readonly description: string;
  readonly schema?: z.ZodType;
  /** For what no schema describes. */
  readonly type?: 'text/html' | 'application/json';
  readonly headers?: Readonly<Record<string, string>>;
}

/** One call of the API: what answers it, and all that its documentation says. */
export interface Route {
  /** What generated clients call it. */
  readonly name: string;
  readonly method: 'get' | 'post' | 'delete';
  /** With parameters as `{id}`. */
  readonly path: string;
  readonly summary: string;
  /** `open` to everyone; else the token is asked for, where one is set. */
  readonly access: 'open' | 'token';
  readonly body?: z.ZodType;
  readonly query?: {
    readonly schema: z.ZodObject;
    readonly descriptions: Readonly<Record<string, string>>;
  };
  /** Request headers that mean something here, with a sentence. */
  readonly requestHeaders?: Readonly<Record<string, string>>;
  readonly answer: RouteAnswer;
  readonly otherAnswers?: readonly RouteAnswer[];
  /** Beside those that the doors and the reading of a body say for every route. */
  readonly problems: readonly ProblemCode[];
  handle(deps: ApiDeps, request: ApiRequest): Promise<Answer> | Answer;
}
