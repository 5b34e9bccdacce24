import { setupServer } from 'msw/node';

/** Answers instead of the network; a request that no test foresaw is an error. */
export const apiServer = setupServer();
