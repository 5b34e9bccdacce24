import type { ButtonHTMLAttributes } from 'react';

export const buttonTones = {
  primary: 'bg-blue-600 text-white hover:bg-blue-700 font-semibold',
  quiet: 'bg-slate-700 text-slate-100 hover:bg-slate-600',
  danger: 'bg-red-600 text-white hover:bg-red-700 font-semibold',
  icon: 'bg-slate-700/60 text-slate-200 hover:bg-red-600 hover:text-white',
} as const;

/** Links that look like buttons share it. */
export const buttonClass = (tone: keyof typeof buttonTones): string =>
  `inline-flex min-h-10 cursor-pointer items-center justify-center gap-2 rounded-lg px-4 py-2 text-sm transition-[color,background-color] aria-disabled:cursor-not-allowed aria-disabled:opacity-70 ${buttonTones[tone]}`;

interface ButtonProps extends Omit<ButtonHTMLAttributes<HTMLButtonElement>, 'disabled' | 'title'> {
  readonly tone: keyof typeof buttonTones;
  /**
   * Why it can't be pressed now. It stays focusable: a button that vanishes from the tab order takes the
   * keyboard's place with it, and nobody could read the reason.
   */
  readonly blocked?: string | undefined;
  readonly title?: string;
}

export const Button = ({ tone, blocked, title, onClick, className = '', ...rest }: ButtonProps) => (
  <button
    type="button"
    {...rest}
    className={`${buttonClass(tone)} ${className}`}
    aria-disabled={blocked === undefined ? undefined : true}
    title={blocked ?? title}
    onClick={(event) => {
      if (blocked === undefined) onClick?.(event);
      else event.preventDefault();
    }}
  />
);
