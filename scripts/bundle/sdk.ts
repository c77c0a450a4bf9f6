import { readFile } from 'node:fs/promises';
import type { Plugin } from 'esbuild';

/**
 * Where the SDK looks for credentials when the environment has none, or names a profile. It loads each of these when it
 * comes to it, and on Lambda it never does: there the environment has the role's. So they are left where they are: in
 * Lambda's own copy of the SDK, or in node_modules, where `bedrock-jobs local --bedrock aws` runs the bundles as a person.
 * They would be 70 to 130 kB of each function.
 */
export const OTHER_CREDENTIALS = [
  '@aws-sdk/credential-provider-http',
  '@aws-sdk/credential-provider-ini',
  '@aws-sdk/credential-provider-process',
  '@aws-sdk/credential-provider-sso',
  '@aws-sdk/credential-provider-web-identity',
  '@aws-sdk/nested-clients/sso-oidc',
  '@smithy/credential-provider-imds',
];

const TEXT_CONSTANT = /^const (_\w+) = ("[^"\\]*");$/gm;
const COMPUTED_KEY = /\[(_\w+)\]: /g;

/**
 * A module of the SDK's schemas with its keys as literals: `{ [_ht]: … }` as `{ ["http"]: … }`. To esbuild the first may
 * run code, so it keeps every operation and shape of a service; the second it leaves out where nothing uses it.
 */
export const withLiteralKeys = (source: string): string => {
  const texts = new Map([...source.matchAll(TEXT_CONSTANT)].map(([, name = '', text = '']) => [name, text]));
  return source.replaceAll(COMPUTED_KEY, (key, name: string) => {
    const text = texts.get(name);
    return text === undefined ? key : `[${text}]: `;
  });
};

/** Lets esbuild leave out the shapes of the calls that no function makes: of Bedrock, all but 3 of more than a hundred. */
export const usedSchemasAlone: Plugin = {
  name: 'used-schemas-alone',
  setup(esbuild) {
    esbuild.onLoad({ filter: /[\\/]@aws-sdk[\\/].+[\\/]schemas[\\/]schemas_\d+\.js$/ }, async ({ path }) => ({
      contents: withLiteralKeys(await readFile(path, 'utf8')),
    }));
  },
};
