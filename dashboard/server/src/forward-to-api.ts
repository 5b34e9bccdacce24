import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Logger } from '@store-platform/shared/log/logger';
import { createProxyServer } from 'httpxy';
import { answerProblem } from './answer-problem.ts';
import { secure } from './security-headers.ts';

/** The queue board lives below /admin. */
const apiPaths = ['/api', '/admin', '/health', '/ready'];

/** @param path of the request, with its query */
export const isForApi = (path: string): boolean =>
  apiPaths.some(
    (prefix) => path === prefix || path.startsWith(`${prefix}/`) || path.startsWith(`${prefix}?`),
  );

/** Longer than any answer of the API takes, in milliseconds. */
const ANSWER_WITHIN_MS = 30_000;

/**
 * The API sees its own Host, and in X-Forwarded-Host the one that the browser asked for; Origin stays as it is, for the
 * API to check. Without an answer it is 502 with a reason; the promise never rejects.
 */
export const forwardToApi = (apiUrl: string, logger: Logger) => {
  const proxy = createProxyServer({
    target: apiUrl,
    changeOrigin: true,
    xfwd: true,
    proxyTimeout: ANSWER_WITHIN_MS,
    // Kept connections end after 5 s at the API, just when the next poll wants to use one.
    agent: false,
  });
  // Dashboards ask every few seconds: an outage is two lines, not one a question.
  let isAway = false;
  proxy.on('proxyRes', () => {
    if (isAway) logger.info('The API answers again.');
    isAway = false;
  });
  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    try {
      await proxy.web(request, response);
    } catch (error) {
      if (response.headersSent || response.destroyed) {
        response.destroy();
        return;
      }
      if (!isAway) logger.warn({ err: error, apiUrl }, 'The API does not answer.');
      isAway = true;
      secure(request, response);
      answerProblem(
        request,
        response,
        'api_away',
        'The dashboard runs, but the API behind it does not answer.',
      );
    }
  };
};
