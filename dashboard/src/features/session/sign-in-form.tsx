import { useMutation } from '@tanstack/react-query';
import { useId, useRef, useState } from 'react';
import { hintOf, isSignInNeeded } from '../../api/api-error.ts';
import { signIn } from '../../api/platform.ts';
import { Button } from '../../ui/button.tsx';
import { ErrorNotice } from '../../ui/error-notice.tsx';
import { Spinner } from '../../ui/spinner.tsx';
import { useInitialFocus } from '../../ui/use-initial-focus.ts';

export const SignInForm = ({ onSignedIn }: { onSignedIn: () => void }) => {
  const id = useId();
  const field = useRef<HTMLInputElement>(null);
  useInitialFocus(field);
  const [token, setToken] = useState('');
  const attempt = useMutation({ mutationFn: signIn, onSuccess: onSignedIn });
  return (
    <form
      aria-labelledby={`${id}-title`}
      className="mx-auto mt-10 max-w-md space-y-4 rounded-2xl border border-slate-700 bg-slate-800 p-6"
      onSubmit={(event) => {
        event.preventDefault();
        if (!attempt.isPending) attempt.mutate(token);
      }}
    >
      <h2 id={`${id}-title`} className="text-xl font-bold text-white">
        Sign in
      </h2>
      {/* Password managers file the token under a name. */}
      <input type="text" autoComplete="username" value="operator" readOnly hidden />
      <div>
        <label htmlFor={id} className="mb-1 block text-sm font-medium text-slate-200">
          Access token
        </label>
        <input
          ref={field}
          id={id}
          type="password"
          required
          autoComplete="current-password"
          value={token}
          onChange={(event) => setToken(event.target.value)}
          aria-describedby={`${id}-hint`}
          className="w-full rounded-lg border border-slate-500 bg-slate-900 px-3 py-2 text-base text-white"
        />
        <p id={`${id}-hint`} className="mt-1 text-xs text-slate-300">
          The value of API_TOKEN that this platform was started with.
        </p>
      </div>
      {attempt.error ? <SignInError error={attempt.error} /> : null}
      <Button
        tone="primary"
        type="submit"
        className="w-full"
        blocked={attempt.isPending ? 'The token is being checked' : undefined}
      >
        {attempt.isPending ? <Spinner /> : null}
        Sign in
      </Button>
    </form>
  );
};

const SignInError = ({ error }: { error: Error }) =>
  isSignInNeeded(error) ? (
    <ErrorNotice role="alert" message="This token is not the right one." />
  ) : (
    <ErrorNotice role="alert" message={error.message} hint={hintOf(error)} />
  );
