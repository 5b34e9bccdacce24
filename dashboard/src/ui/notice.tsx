import type { ReactNode } from 'react';

const tones = {
  error: 'border-red-500/40 bg-red-500/10 text-red-200',
  warning: 'border-amber-500/40 bg-amber-500/10 text-amber-100',
  info: 'border-blue-500/40 bg-blue-500/10 text-blue-100',
} as const;

interface NoticeProps {
  readonly tone: keyof typeof tones;
  /** `alert` is read out at once: for what the person has just asked for. */
  readonly role?: 'alert' | 'status';
  readonly id?: string;
  readonly children: ReactNode;
}

export const Notice = ({ tone, role, id, children }: NoticeProps) => (
  <div id={id} role={role} className={`rounded-lg border px-3 py-2 text-sm wrap-anywhere ${tones[tone]}`}>
    {children}
  </div>
);
