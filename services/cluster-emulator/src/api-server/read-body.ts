import type { IncomingMessage } from 'node:http';
import { KubeStatusError } from '../objects/kube-status-error.ts';

const read = new WeakMap<IncomingMessage, Promise<unknown>>();

/**
 * The body as JSON, undefined where there is none. Whoever asks again gets the same: a fault may look at it first.
 * @throws KubeStatusError
 */
export const readBody = (request: IncomingMessage): Promise<unknown> => {
  const known = read.get(request) ?? readOnce(request);
  read.set(request, known);
  return known;
};

const largestBody = 3_000_000;

const readOnce = async (request: IncomingMessage): Promise<unknown> => {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    const part = Buffer.from(chunk);
    size += part.length;
    if (size > largestBody) throw new KubeStatusError(413, 'RequestEntityTooLarge', 'the body is too large');
    chunks.push(part);
  }
  const text = Buffer.concat(chunks).toString('utf8');
  if (!text) return undefined;
  if (/protobuf/.test(request.headers['content-type'] ?? '')) {
    throw new KubeStatusError(
      415,
      'UnsupportedMediaType',
      'this cluster is emulated and reads JSON, not protobuf',
    );
  }
  try {
    return JSON.parse(text);
  } catch {
    throw new KubeStatusError(
      400,
      'BadRequest',
      'this cluster is emulated and reads JSON; the body is something else',
    );
  }
};
