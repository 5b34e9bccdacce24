/** One fault on demand, for the next `times` requests that it fits. */
export interface Fault {
  /** An HTTP verb, `WATCH` for a GET that watches, or `EXEC` for a command in a pod. */
  readonly method?: string;
  /** The plural, e.g. `deployments`. */
  readonly resource?: string;
  readonly times: number;
  readonly effect:
    | {
        readonly kind: 'status';
        readonly code: number;
        readonly reason: string;
        readonly message: string;
        readonly retryAfterSeconds?: number;
      }
    | { readonly kind: 'delay'; readonly ms: number }
    /** The connection is cut before anything happens. */
    | { readonly kind: 'cut' }
    /** It happens, and the connection is cut instead of the answer. */
    | { readonly kind: 'answer lost' }
    /** Nothing happens, and nobody answers. */
    | { readonly kind: 'hang' };
}

export interface Faults {
  /** The next faults, first come first served. */
  inject(fault: Fault): void;
  clear(): void;
  /** Takes the fault that fits this request, if there is one. */
  take(method: string, resource: string): Fault['effect'] | undefined;
}

/** Held in memory and reached in-process only: `npm start` opens no door to it. */
export const createFaults = (): Faults => {
  let waiting: { fault: Fault; left: number }[] = [];
  return {
    inject: (fault) => waiting.push({ fault, left: fault.times }),
    clear: () => {
      waiting = [];
    },
    take: (method, resource) => {
      const found = waiting.find(
        ({ fault }) => (fault.method ?? method) === method && (fault.resource ?? resource) === resource,
      );
      if (!found) return undefined;
      found.left -= 1;
      waiting = waiting.filter(({ left }) => left > 0);
      return found.fault.effect;
    },
  };
};
