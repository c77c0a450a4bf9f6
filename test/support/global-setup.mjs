import { bundleLambdas } from '../../scripts/bundle-lambdas.ts';

/** Integration and infrastructure tests use the functions as they are deployed: bundled from the present code. */
export default async function globalSetup() {
  await bundleLambdas();
}
