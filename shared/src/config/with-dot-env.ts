import { existsSync, readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import type { Environment } from './settings.ts';

/** @returns the environment with what `.env` in the folder adds to it; what is set already wins. */
export const withDotEnv = (environment: Environment, folder: string): Environment => {
  const path = `${folder}/.env`;
  return existsSync(path) ? { ...parseEnv(readFileSync(path, 'utf8')), ...environment } : environment;
};
