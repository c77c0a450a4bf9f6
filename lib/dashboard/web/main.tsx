import { type ComponentType, type JSX, render } from 'preact';
import lazy from 'preact-iso/lazy';
import { LocationProvider, Route, Router, useLocation } from 'preact-iso/router';
import { useEffect } from 'preact/hooks';
import type { Overview, Session } from '../api.ts';
import { put, peek } from './api/cache.ts';
import { watchFollows } from './api/follows.ts';
import { SessionContext, useApi } from './api/hooks.ts';
import { API } from './api/http.ts';
import { connect, onHealth } from './api/live.ts';
import { JobsPage } from './pages/jobs/index.tsx';
import { OverviewPage } from './pages/overview/index.tsx';
import { Endings } from './parts/follow.tsx';
import { Announcer, noteNavigation, Page } from './parts/page.tsx';
import { Header } from './parts/shell.tsx';
import './style/index.css';

const NotFoundPage = (): JSX.Element => (
  <Page title="Page not found">
    <p>
      There is no page at this address. Go to the <a href="/">overview</a> or the <a href="/jobs">list of jobs</a>.
    </p>
  </Page>
);

const LostPage = (): JSX.Element => (
  <Page title="Could not load this page">
    <p>
      The dashboard’s server does not respond, or it is a newer one. Check that it is running, then reload the page.
    </p>
  </Page>
);

/** The overview and the list are in the main script. Other pages are as large as both, and load when they are opened. */
const lazyPage = <Props,>(load: () => Promise<ComponentType<Props>>) => lazy(() => load().catch(() => LostPage));
const RunsPage = lazyPage(() => import('./pages/runs/index.tsx').then(({ RunsPage }) => RunsPage));
const ComparePage = lazyPage(() => import('./pages/compare.tsx').then(({ ComparePage }) => ComparePage));
const ModelsPage = lazyPage(() => import('./pages/models/index.tsx').then(({ ModelsPage }) => ModelsPage));
const ModelPage = lazyPage(() => import('./pages/models/index.tsx').then(({ ModelPage }) => ModelPage));
const ScopesPage = lazyPage(() => import('./pages/scopes.tsx').then(({ ScopesPage }) => ScopesPage));
const JobPage = lazyPage(() => import('./pages/job/index.tsx').then(({ JobPage }) => JobPage));

const Job = ({ arn = '' }: { readonly arn?: string }): JSX.Element => <JobPage key={arn} jobArn={arn} />;

const Model = ({ arn = '' }: { readonly arn?: string }): JSX.Element => <ModelPage key={arn} arn={arn} />;

const Pages = (): JSX.Element => (
  <Router onRouteChange={noteNavigation}>
    <Route path="/" component={OverviewPage} />
    <Route path="/jobs" component={JobsPage} />
    <Route path="/jobs/:arn" component={Job} />
    <Route path="/runs" component={RunsPage} />
    <Route path="/models" component={ModelsPage} />
    <Route path="/models/:arn" component={Model} />
    <Route path="/scopes" component={ScopesPage} />
    <Route path="/compare" component={ComparePage} />
    <Route default component={NotFoundPage} />
  </Router>
);

/** Puts the health of an event into the cached overview. */
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
      <Endings path={path} />
      <Pages />
      <Announcer />
    </>
  );
};

const App = (): JSX.Element => {
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

const root = document.getElementById('app');
if (root !== null) render(<App />, root);
watchFollows();
connect();
