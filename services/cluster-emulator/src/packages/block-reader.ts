import { createReadStream, read as readFile } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { RandomAccessReader } from 'yauzl';

const blockBytes = 262_144;

/** Reads a file in blocks: the list of an archive's files is asked for in thousands of small pieces, one after the other. */
export class BlockReader extends RandomAccessReader {
  readonly #file: FileHandle;
  readonly #path: string;
  #block = { start: 0, bytes: Buffer.alloc(0) };

  constructor(file: FileHandle, path: string) {
    super();
    this.#file = file;
    this.#path = path;
  }

  override _readStreamForRange(start: number, end: number) {
    return createReadStream(this.#path, { start, end: end - 1 });
  }

  override read(
    buffer: Buffer,
    offset: number,
    length: number,
    position: number,
    callback: (error: Error | null) => void,
  ): void {
    const from = position - this.#block.start;
    if (from >= 0 && from + length <= this.#block.bytes.length) {
      this.#block.bytes.copy(buffer, offset, from, from + length);
      callback(null);
      return;
    }
    const bytes = Buffer.alloc(Math.max(length, blockBytes));
    readFile(this.#file.fd, bytes, 0, bytes.length, position, (error, bytesRead) => {
      if (error) callback(error);
      else if (bytesRead < length) callback(new Error('it ends too early'));
      else {
        this.#block = { start: position, bytes: bytes.subarray(0, bytesRead) };
        this.read(buffer, offset, length, position, callback);
      }
    });
  }
}
