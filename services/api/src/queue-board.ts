import { createBullBoard } from '@bull-board/api';
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import { ExpressAdapter } from '@bull-board/express';
import type { Router } from 'express';
import type { StageQueue } from '@store-platform/shared/queue/stage-queue';

export const queueBoardPath = '/admin/queues';

/** Bull Board over the stage queue: jobs, attempts, logs, and a retry that the worker understands. */
export const queueBoard = ({ board }: Pick<StageQueue, 'board'>): Router => {
  const adapter = new ExpressAdapter();
  adapter.setBasePath(queueBoardPath);
  createBullBoard({
    queues: [
      new BullMQAdapter(board, { description: 'One job a stage run. The rows in PostgreSQL decide.' }),
    ],
    serverAdapter: adapter,
    options: { uiConfig: { boardTitle: 'Store Platform', hideRedisDetails: true } },
  });
  return adapter.getRouter();
};
