import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { Session } from '../../api.ts';

export const SessionContext = createContext<Session | undefined>(undefined);

/** What the server said of itself; undefined until it did. */
export const useSession = (): Session | undefined => useContext(SessionContext);
