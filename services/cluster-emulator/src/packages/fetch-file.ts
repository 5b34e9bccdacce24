import { open, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Readable } from 'node:stream';
import { z } from 'zod';
import { PackageError, fileTrouble, unreachable } from './package-error.ts';

export interface FetchFileOptions {
  readonly url: string;
  /** Where it grows; what an earlier try left there is gone on with. */
  readonly part: string;
  readonly signal: AbortSignal;
  /** How long the other side may be silent, in milliseconds. */
  readonly silenceMs: number;
  /** In bytes; `total` is undefined when the other side doesn't say. */
  onProgress(received: number, total: number | undefined): void;
}

/** What a part is a part of: without a validator nobody could tell whether the rest still fits. */
const Origin = z.object({ url: z.string(), validator: z.string() });
type Origin = z.infer<typeof Origin>;

const originFile = (part: string) => `${part}.origin`;

export const forgetPart = async (part: string): Promise<void> => {
  await rm(part, { force: true });
  await rm(originFile(part), { force: true });
};

/**
 * One try to bring a file here whole: the rest of it where the other side can give the rest of the very same file, else
 * all of it. Bytes are written at their place, so that two who write the same file leave it whole.
 * @throws PackageError
 */
export const fetchFile = async (options: FetchFileOptions): Promise<void> => {
  const { url, part, signal, silenceMs } = options;
  const silence = startSilence(silenceMs);
  const ending = AbortSignal.any([signal, silence.signal]);
  try {
    const known = await knownPart(part, url);
    const answer = await fetch(url, {
      signal: ending,
      headers: {
        // Compressed on the way, a byte's place would mean something else.
        'accept-encoding': 'identity',
        ...(known && { range: `bytes=${known.size}-`, 'if-range': known.origin.validator }),
      },
    });
    silence.heard();
    const from = startOf(answer, known?.size ?? 0);
    if (from === undefined) {
      await answer.body?.cancel();
      await forgetPart(part);
      if (answer.status === 416)
        throw new PackageError(`${url} is no longer the file that it was.`, { isPassing: true });
      throw refused(url, answer.status);
    }
    // Before the origin is written: what is left of another file must never count as a part of this one.
    if (from === 0) await writeFile(part, '');
    await rememberOrigin(part, url, answer);
    await receive(answer, from, { ...options, signal: ending }, silence.heard);
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof PackageError) throw error;
    throw (
      fileTrouble(error, dirname(part)) ??
      unreachable(url, silence.signal.aborted ? silence.signal.reason : error)
    );
  } finally {
    silence.stop();
  }
};

/** @throws PackageError when it isn't there, or the other side can't be reached within this time */
export const lookForFile = async (url: string, signal: AbortSignal, silenceMs: number): Promise<void> => {
  const silence = startSilence(silenceMs);
  try {
    const answer = await fetch(url, { method: 'HEAD', signal: AbortSignal.any([signal, silence.signal]) });
    // Whoever doesn't know the question may have the file all the same.
    if (!answer.ok && answer.status !== 405 && answer.status !== 501) throw refused(url, answer.status);
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof PackageError) throw error;
    throw unreachable(url, silence.signal.aborted ? silence.signal.reason : error);
  } finally {
    silence.stop();
  }
};

const refused = (url: string, status: number): PackageError =>
  status === 404 || status === 410
    ? new PackageError(`There is nothing at ${url} (${status}).`)
    : new PackageError(`${url} was answered with ${status}.`, { isPassing: status >= 500 || status === 429 });

const knownPart = async (
  part: string,
  url: string,
): Promise<{ size: number; origin: Origin } | undefined> => {
  try {
    const origin = Origin.parse(JSON.parse(await readFile(originFile(part), 'utf8')));
    const { size } = await stat(part);
    return origin.url === url && size > 0 ? { size, origin } : undefined;
  } catch {
    return undefined;
  }
};

/** @returns the place of the first byte that comes; undefined for an answer that brings none of the file */
const startOf = ({ status, headers }: Response, asked: number): number | undefined => {
  if (status === 200) return 0;
  const [, first] = /^bytes (\d+)-/.exec(headers.get('content-range') ?? '') ?? [];
  return status === 206 && Number(first) === asked ? asked : undefined;
};

const rememberOrigin = async (part: string, url: string, { headers }: Response): Promise<void> => {
  const etag = headers.get('etag');
  // A weak one says that two files are alike, not that they are the same.
  const validator = etag && !etag.startsWith('W/') ? etag : headers.get('last-modified');
  if (validator) await writeFile(originFile(part), JSON.stringify({ url, validator } satisfies Origin));
  else await rm(originFile(part), { force: true });
};

const receive = async (
  { headers, body }: Response,
  from: number,
  { url, part, signal, onProgress }: FetchFileOptions,
  heard: () => void,
): Promise<void> => {
  const length = Number(headers.get('content-length') ?? Number.NaN);
  const total = Number.isFinite(length) ? from + length : undefined;
  const file = await open(part, 'r+');
  let received = from;
  try {
    onProgress(received, total);
    if (body) {
      // The signal once more: what fetch itself holds of it may be collected while a body is read (Node 20).
      for await (const chunk of Readable.fromWeb(body, { signal })) {
        heard();
        const bytes = Buffer.from(chunk);
        await file.write(bytes, 0, bytes.length, received);
        received += bytes.length;
        onProgress(received, total);
      }
    }
  } finally {
    await file.close();
  }
  if (total !== undefined && received !== total) throw unreachable(url, new Error('the connection was cut'));
};

/** Aborts when nothing was heard for so long. */
const startSilence = (limitMs: number) => {
  const ending = new AbortController();
  const end = () => ending.abort(new Error(`it says nothing for ${limitMs / 1000} s`));
  let timer = setTimeout(end, limitMs);
  return {
    signal: ending.signal,
    heard: () => {
      clearTimeout(timer);
      timer = setTimeout(end, limitMs);
    },
    stop: () => clearTimeout(timer),
  };
};
