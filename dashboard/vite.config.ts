import tailwindcss from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import { defineConfig, loadEnv } from 'vite';

/** The settings of `npm start`, so that both show the same. */
const settings = (mode: string) => {
  const given = loadEnv(mode, '..', ['API_URL', 'PORT', 'DASHBOARD_PORT']);
  return {
    port: Number(given['DASHBOARD_PORT'] ?? 3001),
    apiUrl: given['API_URL'] ?? `http://127.0.0.1:${given['PORT'] ?? '3000'}`,
  };
};

export default defineConfig(({ mode }) => {
  const { port, apiUrl } = settings(mode);
  const toApi = { target: apiUrl, changeOrigin: true };
  return {
    plugins: [react(), tailwindcss()],
    resolve: { conditions: ['source', 'module', 'browser', 'development|production'] },
    build: { sourcemap: true },
    server: {
      port,
      strictPort: true,
      proxy: { '/api': toApi, '/admin': toApi, '/health': toApi, '/ready': toApi },
    },
  };
});
