import type { JSX } from 'preact';
import { Page } from '../parts/page.tsx';

export const NotFoundPage = (): JSX.Element => (
  <Page title="No such page">
    <p>
      Nothing is at this address. Go to the <a href="/">overview</a> or the <a href="/jobs">list of jobs</a>.
    </p>
  </Page>
);
