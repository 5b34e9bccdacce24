import type { IncomingMessage, ServerResponse } from 'node:http';
import { problems, type Problem } from '@store-platform/shared/contract/problem';
import { problemPage } from './problem-page.ts';

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

/** Only a browser that goes to an address asks for HTML; scripts ask for JSON or take anything. */
const wantsPage = ({ headers }: IncomingMessage): boolean => headers.accept?.includes('text/html') ?? false;

/** Answers with `application/problem+json`, as the API does, and a person with a page that says the same. */
export const answerProblem = (
  request: IncomingMessage,
  response: ServerResponse,
  code: keyof typeof ownProblems,
  detail: string,
): void => {
  const { status, title, hint } = ownProblems[code];
  const body: Problem = { type: 'about:blank', title, status, code, detail, hint };
  const isPage = wantsPage(request);
  response.writeHead(status, {
    'Content-Type': isPage ? 'text/html; charset=utf-8' : 'application/problem+json; charset=utf-8',
    'Cache-Control': 'no-store',
    Vary: 'Accept',
  });
  response.end(isPage ? problemPage(body) : JSON.stringify(body));
};
