import { z } from 'zod';
import { parseInput } from '../parse-input.ts';
import type { Answer, ApiDeps, ApiRequest } from '../route.ts';

export const SignInBody = z.object({ token: z.string({ error: 'A token is needed.' }) });

export const handleSignIn = ({ sessions }: ApiDeps, { body, secure, address }: ApiRequest): Answer => {
  const { token } = parseInput(SignInBody, body);
  if (!sessions) return { status: 204 };
  sessions.demandToken(token, address);
  return { status: 204, headers: { 'Set-Cookie': sessions.open(secure) } };
};

export const handleSignOut = ({ sessions }: ApiDeps, { secure }: ApiRequest): Answer => ({
  status: 204,
  ...(sessions && { headers: { 'Set-Cookie': sessions.close(secure) } }),
});
