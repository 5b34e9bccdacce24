import { isSignInNeeded } from '../api/api-error.ts';
import { useStandingError } from '../api/use-standing-error.ts';
import { SignInForm } from '../features/session/sign-in-form.tsx';
import { useSession } from '../features/session/use-session.ts';
import { useStores } from '../features/stores/use-stores.ts';
import { DashboardPage } from './dashboard-page.tsx';
import { Header } from './header.tsx';

/** The dashboard, or the door before it. */
export const App = () => {
  const session = useSession();
  // The one place that asks for the stores: two would ask twice as often.
  const stores = useStores();
  const error = useStandingError(stores);
  return (
    <div className="mx-auto max-w-7xl px-4 py-6 sm:px-6 sm:py-8">
      {isSignInNeeded(error) ? (
        <>
          <Header onCreate={undefined} />
          <main>
            <SignInForm onSignedIn={session.begin} />
          </main>
        </>
      ) : (
        <DashboardPage
          stores={stores}
          error={error}
          onSignOut={session.isSignedIn ? session.end : undefined}
        />
      )}
    </div>
  );
};
