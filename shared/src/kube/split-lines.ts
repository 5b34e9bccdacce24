/** A line that never ends must not fill the memory: what is longer is cut. */
const longestLine = 1_000_000;

/** Makes lines of chunks, whatever the chunks cut apart, characters included. */
export const createLineSplitter = (onLine: (line: string) => void) => {
  const decoder = new TextDecoder();
  let rest = '';
  return {
    push: (chunk: Uint8Array): void => {
      const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
      rest = (lines.pop() ?? '').slice(0, longestLine);
      for (const line of lines) onLine(line);
    },
    /** Hands over what came without a line break at the end. */
    end: (): void => {
      if (rest) onLine(rest);
      rest = '';
    },
  };
};
