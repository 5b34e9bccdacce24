import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { signOut } from '../../api/platform.ts';
import { storesKey } from '../stores/use-stores.ts';

/** The cookie can't be read by scripts; this only remembers whether there is something to sign out of. */
const SIGNED_IN = 'store-platform.signed-in';

export const useSession = () => {
  const client = useQueryClient();
  const [isSignedIn, setSignedIn] = useState(() => localStorage.getItem(SIGNED_IN) === 'yes');
  const begin = () => {
    localStorage.setItem(SIGNED_IN, 'yes');
    setSignedIn(true);
    void client.resetQueries();
  };
  const end = () => {
    localStorage.removeItem(SIGNED_IN);
    setSignedIn(false);
    // Whatever came of it, the next answer says whether the session is over; what was shown must not stay. One question
    // is enough: each would count as a guess of the token.
    const forget = () => void client.resetQueries({ queryKey: storesKey });
    signOut().then(forget, forget);
  };
  return { isSignedIn, begin, end };
};
