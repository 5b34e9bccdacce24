const dateTime = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });
const clock = new Intl.DateTimeFormat(undefined, { timeStyle: 'medium' });

interface TimestampProps {
  /** ISO 8601 */
  readonly time: string;
  readonly show?: 'date and time' | 'time';
}

/** A moment in the reader's own language and time zone. */
export const Timestamp = ({ time, show = 'date and time' }: TimestampProps) => (
  <time dateTime={time} title={new Date(time).toLocaleString()}>
    {(show === 'time' ? clock : dateTime).format(new Date(time))}
  </time>
);
