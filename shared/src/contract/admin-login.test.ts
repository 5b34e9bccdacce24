import { expect, it } from 'vitest';
import { adminLogin, isLoopbackDomain } from './admin-login.ts';

it.each([
  'localhost',
  'store-aaaaaaaa.localhost',
  '127.0.0.1',
  '127.0.0.1.nip.io',
  'store-aaaaaaaa.127.0.0.1.nip.io',
  'store-aaaaaaaa.127.1.2.3.nip.io',
])('%s is this machine and nothing else', (hostname) => {
  expect(isLoopbackDomain(hostname)).toBe(true);
});

it.each([
  'example.com',
  'localhost.example.com',
  'notlocalhost',
  '127.0.0.1.nip.io.example.com',
  'store-aaaaaaaa.10.0.0.1.nip.io',
  'store-aaaaaaaa.227.0.0.1.nip.io',
  '127.0.0.1.example.com',
  'store-127.0.0.1.nip.io',
])('%s may lead elsewhere', (hostname) => {
  expect(isLoopbackDomain(hostname)).toBe(false);
});

it('a shop on this machine has the login that everyone knows', () => {
  expect(adminLogin('http://store-aaaaaaaa.localhost:8080')).toEqual({
    username: 'admin',
    password: 'Admin@123',
  });
});

it('a shop that others can reach never has it', () => {
  expect(adminLogin('http://store-aaaaaaaa.shops.example.com')).toEqual({
    username: 'admin',
    password: null,
  });
});
