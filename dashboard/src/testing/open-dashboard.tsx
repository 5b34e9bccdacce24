import { QueryClientProvider } from '@tanstack/react-query';
import { act, render } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { vi } from 'vitest';
import { App } from '../app/app.tsx';
import { createQueryClient } from '../app/query-client.ts';
import { sampleNow } from './sample-stores.ts';

/** Opens the page at the samples' now. Time stands still until `letPass` moves it; answers come in their own time. */
export const openDashboard = () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'Date'], now: sampleNow });
  const user = userEvent.setup();
  const page = render(
    <QueryClientProvider client={createQueryClient()}>
      <App />
    </QueryClientProvider>,
  );
  return { user, ...page };
};

export const letPass = (seconds: number) => act(() => vi.advanceTimersByTimeAsync(seconds * 1000));
