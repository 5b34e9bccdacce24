import { expect, it } from 'vitest';
import { readApiConfig } from './api-config.ts';

it('the API takes its door from the settings', () => {
  const environment = {
    DATABASE_URL: 'postgres://db/x',
    HOST: '0.0.0.0',
    PORT: '80',
    API_TOKEN: '0123456789abcdef',
    CORS_ORIGIN: 'https://a.example.com',
  };
  expect(readApiConfig(environment)).toMatchObject({
    databaseUrl: 'postgres://db/x',
    host: '0.0.0.0',
    port: 80,
    dashboardPort: 3001,
    apiToken: '0123456789abcdef',
    corsOrigins: ['https://a.example.com'],
  });
});

it('an API that is started by itself needs a database, and says so beside all else', () => {
  expect(() => readApiConfig({ PORT: 'x' })).toThrow(
    /PORT is "x"[^]*DATABASE_URL is not set: name a PostgreSQL, or use `npm start`/,
  );
});

it('a database that is named wrongly is one fault, not two', () => {
  expect(() => readApiConfig({ DATABASE_URL: 'mysql://x' })).toThrow(
    expect.objectContaining({ faults: [expect.stringMatching(/^DATABASE_URL must be/)] }),
  );
});
