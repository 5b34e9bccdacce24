import { createBullBoard } from '@bull-board/api';
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import { ExpressAdapter } from '@bull-board/express';
import type { Router } from 'express';
import { problems } from '@store-platform/shared/contract/problem';
import type { Logger } from '@store-platform/shared/log/logger';
import type { StageQueue } from '@store-platform/shared/queue/stage-queue';

export const queueBoardPath = '/admin/queues';

/** Bull Board over the stage queue: jobs, attempts, logs, and a retry that the worker understands. */
export const queueBoard = ({
  queue,
  logger,
}: {
  queue: Pick<StageQueue, 'board'>;
  logger: Logger;
}): Router => {
  const adapter = new ExpressAdapter();
  adapter.setBasePath(queueBoardPath);
  createBullBoard({
    queues: [
      new BullMQAdapter(queue.board, { description: 'One job a stage run. The rows in PostgreSQL decide.' }),
    ],
    serverAdapter: adapter,
    options: { uiConfig: { boardTitle: 'Store Platform', hideRedisDetails: true } },
  });
  adapter.setErrorHandler((error) => describeForBoard(error, logger));
  return adapter.getRouter();
};

/** In the board's own shape, because its page shows `message`. What its own handler would add, addresses and stacks, stays in the log. */
const describeForBoard = (error: Error, logger: Logger) => {
  const isCallersFault = 'statusCode' in error && Number(error.statusCode) < 500;
  logger.warn({ err: error }, 'The queue board met a fault');
  const { title, hint } = problems.queue_away;
  const message = isCallersFault ? `${problems.invalid_input.title}.` : `${title}. ${hint}`;
  const body = { error: { key: 'ERRORS.INTERNAL_SERVER_ERROR' }, message };
  return { status: isCallersFault ? (400 as const) : (500 as const), body };
};
