import { buildStale } from '../services/launcher/build-stale.mjs';

/** Once for all tests that run the platform as `npm start` does, so that no two of them build at a time. */
export default (): Promise<void> => buildStale({ dev: false });
