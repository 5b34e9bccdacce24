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

/** One fault on demand in what a watch tells, for the next `times` events that it fits, in whichever stream. */
export interface StreamFault {
  /** The plural, e.g. `deployments`. */
  readonly resource: string;
  /** The namespace of the object that the event is about; of a namespace itself, its name. */
  readonly namespace: string;
  readonly times: number;
  /**
   * In place of the event: `drop` cuts the connection, `silence` leaves it open and says nothing more, `expire` ends it
   * with 410. Beside it: `duplicate` tells it twice, `stale` tells the object as it was before once more, and `late` tells
   * it after the next one.
   */
  readonly effect: 'drop' | 'silence' | 'expire' | 'duplicate' | 'stale' | 'late';
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
  injectInStream(fault: StreamFault): { met(): number };
  clear(): void;
  /** Whether any is left: only then is more of a request read than its address. */
  isWaiting(): boolean;
  /** Takes the fault that fits this request, if there is one. */
  take(asked: AskedFor): Fault['effect'] | undefined;
  /** Takes the fault that fits this event, if there is one. */
  takeInStream(event: Pick<StreamFault, 'resource' | 'namespace'>): StreamFault['effect'] | undefined;
}

/** Held in memory and reached in-process only: `npm start` opens no door to it. */
export const createFaults = (): Faults => {
  const requests = createWaiting<Fault>();
  const events = createWaiting<StreamFault>();
  return {
    inject: requests.inject,
    injectInStream: events.inject,
    clear: () => {
      requests.clear();
      events.clear();
    },
    isWaiting: requests.isWaiting,
    take: (asked) => requests.take((fault) => fits(fault, asked))?.effect,
    takeInStream: ({ resource, namespace }) =>
      events.take((fault) => fault.resource === resource && fault.namespace === namespace)?.effect,
  };
};

/** First come, first served. */
const createWaiting = <F extends { readonly times: number }>() => {
  let waiting: { fault: F; met: number }[] = [];
  return {
    inject: (fault: F) => {
      const entry = { fault, met: 0 };
      waiting.push(entry);
      return { met: () => entry.met };
    },
    clear: () => {
      waiting = [];
    },
    isWaiting: () => waiting.length > 0,
    take: (fitting: (fault: F) => boolean): F | undefined => {
      const found = waiting.find(({ fault }) => fitting(fault));
      if (!found) return undefined;
      found.met += 1;
      waiting = waiting.filter(({ fault, met }) => met < fault.times);
      return found.fault;
    },
  };
};

const fits = (fault: Fault, asked: AskedFor): boolean =>
  (['method', 'resource', 'namespace', 'name'] as const).every(
    (part) => fault[part] === undefined || fault[part] === asked[part],
  );
