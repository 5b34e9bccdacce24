import '@testing-library/jest-dom/vitest';
import { cleanup, configure } from '@testing-library/react';
import { afterAll, afterEach, beforeAll, vi } from 'vitest';
import { apiServer } from './api-server.ts';

// A busy machine takes more than its second to draw what an answer brought.
configure({ asyncUtilTimeout: 10_000 });

beforeAll(() => apiServer.listen({ onUnhandledRequest: 'error' }));
afterEach(() => {
  cleanup();
  apiServer.resetHandlers();
  localStorage.clear();
  vi.useRealTimers();
});
afterAll(() => apiServer.close());
