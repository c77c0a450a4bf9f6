import { cp, mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { bundleLambdas } from '../bundle-lambdas.ts';
import { ROOT } from '../package/files.ts';
import { bundledPackages, noticesOf } from '../package/notices.ts';
import { codeFile, packagedTemplate, spokeTemplate } from './template.ts';
import { zipFolder } from './zip.ts';

export const TEMPLATE = 'bedrock-job-tracker.template.json';
export const SPOKE_TEMPLATE = 'bedrock-job-tracker-spoke.template.json';

/**
 * Writes what `aws cloudformation package` and `deploy` take: the tracker's template with the zipped functions, and the
 * spoke's template.
 *
 * @param out the folder, which is emptied
 * @param scratch a folder for what is made on the way
 */
export async function writeCloudFormation(out: string, scratch: string): Promise<void> {
  const lambdas = path.join(scratch, 'lambdas');
  await rm(out, { recursive: true, force: true });
  await mkdir(path.dirname(path.join(out, codeFile(''))), { recursive: true });
  const functions = await bundleLambdas(lambdas);
  for (const { name } of functions) await zipFolder(path.join(lambdas, name), path.join(out, codeFile(name)));
  const write = (name: string, template: object) => writeFile(path.join(out, name), `${JSON.stringify(template)}\n`);
  await write(TEMPLATE, packagedTemplate(lambdas, path.join(scratch, 'cdk.out')));
  await write(SPOKE_TEMPLATE, spokeTemplate(path.join(scratch, 'spoke.out')));
  await cp(path.join(ROOT, 'LICENSE'), path.join(out, 'LICENSE'));
  const bundled = await bundledPackages(functions.flatMap(({ inputs }) => inputs));
  await writeFile(path.join(out, 'THIRD-PARTY-NOTICES.txt'), noticesOf(bundled));
}
