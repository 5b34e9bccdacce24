/** Puts this process' wall clock forward, or back; its monotonic clock goes on as it did. */
export const stepClock = (stepMs: number): void => {
  const RealDate = Date;
  const now = () => RealDate.now() + stepMs;
  globalThis.Date = new Proxy(RealDate, {
    construct: (target, given: unknown[], newTarget) =>
      Reflect.construct(target, given.length === 0 ? [now()] : given, newTarget),
    apply: (target) => new target(now()).toString(),
    get: (target, name, receiver) => (name === 'now' ? now : Reflect.get(target, name, receiver)),
  });
};
