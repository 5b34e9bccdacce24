import { Button } from '../ui/button.tsx';

/** @param onCreate undefined where nothing can be created, as before signing in */
export const Header = ({ onCreate }: { onCreate: (() => void) | undefined }) => (
  <header className="mb-6 flex flex-wrap items-center justify-between gap-4 sm:mb-8">
    <div>
      <h1 className="text-2xl font-bold text-white sm:text-3xl">
        <span className="emoji">⚡</span> Store Platform
      </h1>
      <p className="text-slate-400">Kubernetes Store Provisioning</p>
    </div>
    {onCreate ? (
      <Button tone="primary" onClick={onCreate}>
        + Create Store
      </Button>
    ) : null}
  </header>
);
