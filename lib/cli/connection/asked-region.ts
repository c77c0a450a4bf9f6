import type { EnvironmentValues } from '../../local/environment.ts';

/** The Region that a person asked for, by flag or environment; undefined leaves it to the SDK and its profile. */
export const askedRegion = (flags: { readonly region?: string }, env: EnvironmentValues): string | undefined =>
  // The SDK for JavaScript does not look at AWS_DEFAULT_REGION, the AWS CLI does.
  flags.region ??
  [env['AWS_REGION'], env['AWS_DEFAULT_REGION']].find((region) => region !== undefined && region !== '');
