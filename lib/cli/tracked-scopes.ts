import { parseScope, type Scope } from '../domain/identity.ts';
import type { Connection } from './context.ts';

/** The scopes that are tracked: of a hub those that are registered. */
export const trackedScopes = async (connection: Connection): Promise<readonly Scope[]> => {
  if (!connection.isHub) return connection.scopes;
  const [{ readRegistry }, { schedules }, table] = await Promise.all([
    import('../operator/scopes.ts'),
    connection.settings(),
    connection.scopesTable(),
  ]);
  const { scopes: registered } = await readRegistry(table, schedules, new Date());
  return registered.flatMap(({ scope, state }) => (state === 'released' ? [] : (parseScope(scope) ?? [])));
};
