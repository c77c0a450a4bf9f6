import type { JSX } from 'preact';
import { LocationProvider, Route, Router, useLocation } from 'preact-iso/router';
import { useEffect } from 'preact/hooks';
import type { Session } from '../api.ts';
import { put, peek } from './api/cache.ts';
import { useApi } from './api/hooks.ts';
import { API } from './api/http.ts';
import { onHealth } from './api/live.ts';
import { SessionContext } from './api/session.ts';
import type { Overview } from '../api.ts';
import { ComparePage } from './pages/compare.tsx';
import { JobPage } from './pages/job.tsx';
import { JobsPage } from './pages/jobs.tsx';
import { NotFoundPage } from './pages/not-found.tsx';
import { OverviewPage } from './pages/overview.tsx';
import { noteNavigation } from './parts/page.tsx';
import { Announcer, Header } from './parts/shell.tsx';

const Job = ({ arn = '' }: { readonly arn?: string }): JSX.Element => <JobPage key={arn} jobArn={arn} />;

const Pages = (): JSX.Element => (
  <Router onRouteChange={noteNavigation}>
    <Route path="/" component={OverviewPage} />
    <Route path="/jobs" component={JobsPage} />
    <Route path="/jobs/:arn" component={Job} />
    <Route path="/compare" component={ComparePage} />
    <Route default component={NotFoundPage} />
  </Router>
);

/** The health that an event brought, in the overview that is shown. */
const keepHealth = (): (() => void) =>
  onHealth((health) => {
    const { value } = peek<Overview>(API.overview);
    if (value !== undefined) put(API.overview, { ...value, health });
  });

const Shell = (): JSX.Element => {
  const { path } = useLocation();
  return (
    <>
      <a class="skip-link" href="#main">
        Skip to content
      </a>
      <Header path={path} />
      <Pages />
      <Announcer />
    </>
  );
};

export const App = (): JSX.Element => {
  const { value: session } = useApi<Session>(API.session);
  useEffect(keepHealth, []);
  return (
    <SessionContext.Provider value={session}>
      <LocationProvider>
        <Shell />
      </LocationProvider>
    </SessionContext.Provider>
  );
};
