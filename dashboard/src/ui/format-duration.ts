const pad = (part: number) => String(part).padStart(2, '0');

/** @returns e.g. `8 s`, `1 min 05 s`, `1 h 02 min`; never less than `0 s`, as clocks of two machines may differ. */
export const formatDuration = (seconds: number): string => {
  const whole = Math.max(0, Math.floor(seconds));
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${pad(whole % 60)} s`;
  return `${Math.floor(whole / 3600)} h ${pad(Math.floor((whole % 3600) / 60))} min`;
};
