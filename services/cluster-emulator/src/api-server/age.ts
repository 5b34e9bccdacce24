/** @returns how long ago a time was, as `kubectl` shows it: two units while they are few, then one. */
export const ageOf = (time: string): string => {
  const seconds = Math.max(0, Math.floor((Date.now() - Date.parse(time)) / 1000));
  if (seconds < 120) return `${seconds}s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 10) return both(minutes, 'm', seconds % 60, 's');
  if (minutes < 180) return `${minutes}m`;
  const hours = Math.floor(minutes / 60);
  if (hours < 8) return both(hours, 'h', minutes % 60, 'm');
  if (hours < 48) return `${hours}h`;
  const days = Math.floor(hours / 24);
  return days < 8 ? both(days, 'd', hours % 24, 'h') : `${days}d`;
};

const both = (large: number, largeUnit: string, small: number, smallUnit: string): string =>
  `${large}${largeUnit}${small > 0 ? `${small}${smallUnit}` : ''}`;
