import { createBullBoard } from '@bull-board/api';
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import { ExpressAdapter } from '@bull-board/express';
import { Router, type ErrorRequestHandler, type RequestHandler } from 'express';
import { problems } from '@store-platform/shared/contract/problem';
import type { Logger } from '@store-platform/shared/log/logger';
import type { StageQueue } from '@store-platform/shared/queue/stage-queue';

export const queueBoardPath = '/admin/queues';

/** Bull Board over the stage queue: jobs, attempts, logs, and a retry that the worker understands. */
export const queueBoard = ({
  queue,
  logger,
}: {
  queue: Pick<StageQueue, 'board' | 'check'>;
  logger: Logger;
}): Router => {
  const adapter = new ExpressAdapter();
  adapter.setBasePath(queueBoardPath);
  createBullBoard({
    queues: [
      new BullMQAdapter(queue.board, { description: 'One job a stage run. The rows in PostgreSQL decide.' }),
    ],
    serverAdapter: adapter,
    options: { uiConfig: { boardTitle: 'Store Platform', hideRedisDetails: true, hideDocsLink: true } },
  });
  adapter.setErrorHandler((error) => {
    const isCallersFault = 'statusCode' in error && Number(error.statusCode) < 500;
    return { status: isCallersFault ? 400 : 500, body: describeForBoard(error, isCallersFault, logger) };
  });
  return Router().use('/api', demandQueue(queue), answerAway(logger)).use(adapter.getRouter());
};

/** BullMQ would wait for a queue that is away, and the page with it, for ever. */
const demandQueue =
  (queue: Pick<StageQueue, 'check'>): RequestHandler =>
  async (_request, _response, next) => {
    await queue.check();
    next();
  };

const answerAway =
  (logger: Logger): ErrorRequestHandler =>
  (error: Error, _request, response, _next) =>
    response
      .status(503)
      .set('Retry-After', '2')
      .json(describeForBoard(error, false, logger));

/** In the board's own shape, because its page shows `message`. What its own handler would add, addresses and stacks, stays in the log. */
const describeForBoard = (error: Error, isCallersFault: boolean, logger: Logger) => {
  logger.warn({ err: error }, 'The queue board met a fault');
  const { title, hint } = problems.queue_away;
  const message = isCallersFault ? `${problems.invalid_input.title}.` : `${title}. ${hint}`;
  return { error: { key: 'ERRORS.INTERNAL_SERVER_ERROR' }, message };
};
