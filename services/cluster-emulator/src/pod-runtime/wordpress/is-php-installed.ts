import { createRequire } from 'node:module';

/** It is an optional dependency: npm leaves it out where it is told to, or can't have it. */
export const isPhpInstalled = (): boolean => {
  const { resolve } = createRequire(import.meta.url);
  try {
    return ['@php-wasm/node', '@php-wasm/universal', '@php-wasm/util'].every((name) => resolve(name) !== '');
  } catch {
    return false;
  }
};
