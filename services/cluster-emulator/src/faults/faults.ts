/** One fault on demand, for the next `times` requests that it fits. */
export interface Fault {
  /** An HTTP verb, `WATCH` for a GET that watches, or `EXEC` for a command in a pod. */
  readonly method?: string;
  /** The plural, e.g. `deployments`. */
  readonly resource?: string;
  /** The namespace in which the request is made, or that it makes, reads or deletes. */
  readonly namespace?: string;
  /** Of the object, where the address names one. */
  readonly name?: string;
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

/** What is known of a request before it is served. */
export interface AskedFor {
  readonly method: string;
  readonly resource: string;
  readonly namespace?: string | undefined;
  readonly name?: string | undefined;
}

export interface Faults {
  /** The next faults, first come first served. @returns how often it was met so far. */
  inject(fault: Fault): { met(): number };
  clear(): void;
  /** Whether any is left: only then is more of a request read than its address. */
  isWaiting(): boolean;
  /** Takes the fault that fits this request, if there is one. */
  take(asked: AskedFor): Fault['effect'] | undefined;
}

/** Held in memory and reached in-process only: `npm start` opens no door to it. */
export const createFaults = (): Faults => {
  let waiting: { fault: Fault; met: number }[] = [];
  return {
    inject: (fault) => {
      const entry = { fault, met: 0 };
      waiting.push(entry);
      return { met: () => entry.met };
    },
    clear: () => {
      waiting = [];
    },
    isWaiting: () => waiting.length > 0,
    take: (asked) => {
      const found = waiting.find(({ fault }) => fits(fault, asked));
      if (!found) return undefined;
      found.met += 1;
      waiting = waiting.filter(({ fault, met }) => met < fault.times);
      return found.fault.effect;
    },
  };
};

const fits = (fault: Fault, asked: AskedFor): boolean =>
  (['method', 'resource', 'namespace', 'name'] as const).every(
    (part) => fault[part] === undefined || fault[part] === asked[part],
  );
