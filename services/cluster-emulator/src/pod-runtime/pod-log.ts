export interface LogLine {
  /** As Kubernetes writes times. */
  readonly time: string;
  readonly text: string;
}

/** What a container has said, and goes on saying. */
export interface PodLog {
  /** Oldest first. */
  lines(): readonly LogLine[];
  /** Hands over each line from now on, and says when there will be no more. @returns the function that stops it. */
  follow(onLine: (line: LogLine) => void, onEnd: () => void): () => void;
}

export interface WritablePodLog extends PodLog {
  write(text: string): void;
  /** The container has ended: nobody waits for another line. */
  end(): void;
}

const keptLines = 500;

/** Keeps the last lines in memory. */
export const createPodLog = (): WritablePodLog => {
  let lines: LogLine[] = [];
  let ended = false;
  const followers = new Map<(line: LogLine) => void, () => void>();
  return {
    lines: () => lines,
    follow: (onLine, onEnd) => {
      if (ended) onEnd();
      else followers.set(onLine, onEnd);
      return () => void followers.delete(onLine);
    },
    write: (text) => {
      const line = { time: new Date().toISOString(), text };
      lines = [...lines.slice(1 - keptLines), line];
      for (const onLine of followers.keys()) onLine(line);
    },
    end: () => {
      ended = true;
      for (const onEnd of followers.values()) onEnd();
      followers.clear();
    },
  };
};
