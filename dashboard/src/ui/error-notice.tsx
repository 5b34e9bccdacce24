import { Notice } from './notice.tsx';

interface ErrorNoticeProps {
  readonly message: string;
  readonly hint?: string | null | undefined;
  readonly role?: 'alert' | 'status';
}

/** What went wrong and what to do. */
export const ErrorNotice = ({ message, hint, role }: ErrorNoticeProps) => (
  <Notice tone="error" {...(role ? { role } : {})}>
    <p>{message}</p>
    {hint ? <p className="mt-1 text-red-300/90">{hint}</p> : null}
  </Notice>
);
