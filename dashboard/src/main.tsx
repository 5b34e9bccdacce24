import { QueryClientProvider } from '@tanstack/react-query';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { config } from 'zod';
import { App } from './app/app.tsx';
import { createQueryClient } from './app/query-client.ts';
import './index.css';

// Compiled schemas need eval, which the dashboard's Content-Security-Policy refuses.
config({ jitless: true });

const root = document.getElementById('root');
if (!root) throw new Error('index.html holds no element with the id "root".');
createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={createQueryClient()}>
      <App />
    </QueryClientProvider>
  </StrictMode>,
);
