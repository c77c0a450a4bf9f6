import { readFileSync } from 'node:fs';
import path from 'node:path';
import { filesBelow, readJson } from './support.ts';

interface Template {
  readonly Resources?: Readonly<Record<string, CfnResource>>;
}

interface CfnResource {
  readonly Type: string;
  readonly Properties: { readonly Code: { readonly S3Key: string } };
}

interface Assets {
  readonly files: Readonly<Record<string, { readonly source: { readonly path: string } }>>;
}

/** The code of every function in the templates of a cloud assembly, as its assets have it. */
export const codeOfFunctions = (assembly: string): string[] =>
  filesBelow(assembly)
    .filter((file) => /^\w+\.template\.json$/.test(file))
    .flatMap((template) => {
      const { Resources = {} } = readJson(path.join(assembly, template)) as Template;
      const functions = Object.values(Resources).filter(({ Type }) => Type === 'AWS::Lambda::Function');
      // A stack without assets, such as a spoke, has no list of them either.
      if (functions.length === 0) return [];
      const { files } = readJson(path.join(assembly, template.replace('.template.', '.assets.'))) as Assets;
      return functions.map(({ Properties }) => {
        const asset = files[path.parse(Properties.Code.S3Key).name];
        if (asset === undefined) throw new Error(`${template} has a function without an asset.`);
        return readFileSync(path.join(assembly, asset.source.path, 'index.js'), 'utf8');
      });
    });
