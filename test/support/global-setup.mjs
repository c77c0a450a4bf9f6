import { buildDashboard } from '../../scripts/build-dashboard.mjs';
import { bundleLambdas } from '../../scripts/bundle-lambdas.ts';

/** Integration, infrastructure and browser tests use what is deployed and served, built from the present code. */
export default async function globalSetup() {
  await bundleLambdas();
  if (!buildDashboard()) throw new Error('The dashboard could not be built: see the message above.');
}
