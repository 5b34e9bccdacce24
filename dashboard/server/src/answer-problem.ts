import type { ServerResponse } from 'node:http';
import { problems, type Problem } from '@store-platform/shared/contract/problem';

/** What the dashboard's server itself says no to; all else is the API's to say. */
const ownProblems = {
  api_away: {
    status: 502,
    title: 'The API does not answer',
    hint: 'It is asked again by itself; check that it runs and that API_URL names it.',
  },
  not_found: { ...problems.not_found, hint: 'The dashboard is at /.' },
  method_not_allowed: problems.method_not_allowed,
  foreign_host: {
    ...problems.foreign_host,
    hint: 'Use the address that the platform printed at its start, or name this one in CORS_ORIGIN.',
  },
} as const;

/** Answers with `application/problem+json`, as the API does. */
export const answerProblem = (
  response: ServerResponse,
  code: keyof typeof ownProblems,
  detail: string,
): void => {
  const { status, title, hint } = ownProblems[code];
  const body: Problem = { type: 'about:blank', title, status, code, detail, hint };
  response.writeHead(status, {
    'Content-Type': 'application/problem+json; charset=utf-8',
    'Cache-Control': 'no-store',
  });
  response.end(JSON.stringify(body));
};
