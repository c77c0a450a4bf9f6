import { execFile, type ExecFileException, spawn } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

export const ROOT = path.resolve(import.meta.dirname, '..', '..');
const NPM = process.platform === 'win32' ? 'npm.cmd' : 'npm';

/** What a person's shell has: without the project's own Node.js and without what npm tells its scripts. */
export const userEnvironment = (): NodeJS.ProcessEnv => {
  const own = path.join('node_modules', '.bin');
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(npm_(package|lifecycle|config_local_prefix)|NODE_OPTIONS|NODE_PATH|JEST_|AWS_|CDK_)/i.test(name),
  );
  const folders = (process.env['PATH'] ?? '').split(path.delimiter).filter((folder) => !folder.endsWith(own));
  return { ...Object.fromEntries(kept), PATH: folders.join(path.delimiter), CDK_VALIDATION: 'false' };
};

export interface Output {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command as a person would, to its end, however it ends. */
export const run = (
  cwd: string,
  command: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<Output> =>
  new Promise((resolve) => {
    execFile(
      command,
      args,
      { cwd, env: { ...userEnvironment(), ...env }, maxBuffer: 2 ** 26, shell: process.platform === 'win32' },
      (error: ExecFileException | null, stdout, stderr) => {
        const code = error === null ? 0 : typeof error.code === 'number' ? error.code : 1;
        resolve({ code, stdout, stderr });
      },
    );
  });

/** Standard output of a command that has to succeed. */
export const succeed = async (...command: Parameters<typeof run>): Promise<string> => {
  const { code, stdout, stderr } = await run(...command);
  if (code !== 0) throw new Error(`${command[1]} ${command[2].join(' ')} ended with ${code}:\n${stdout}\n${stderr}`);
  return stdout;
};

/** Packs a folder into another one; the tarball's path. */
export const pack = async (folder: string, destination: string): Promise<string> => {
  const json = await succeed(folder, NPM, ['pack', '--json', '--pack-destination', destination]);
  const [packed] = JSON.parse(json) as { filename: string }[];
  if (packed === undefined) throw new Error(`npm pack says: ${json}`);
  return path.join(destination, packed.filename);
};

/** Installs packages, or tarballs of them, by npm. */
export const installPackages = (folder: string, packages: readonly string[]): Promise<string> =>
  succeed(folder, NPM, ['install', ...packages, '--prefix', folder, '--no-audit', '--no-fund', '--prefer-offline']);

/** Installs a tarball with its own dependencies by npm, and links the peers, which npm leaves to the consumer. */
export const install = async (folder: string, tarball: string, peers: readonly string[]): Promise<void> => {
  await installPackages(folder, [tarball]);
  for (const name of peers) {
    const link = path.join(folder, 'node_modules', name);
    mkdirSync(path.dirname(link), { recursive: true });
    symlinkSync(path.join(ROOT, 'node_modules', name), link, 'junction');
  }
};

/** Runs a tool of the project's own node_modules on the project's Node.js. */
export const runTool = (cwd: string, bin: string, args: readonly string[]): Promise<Output> =>
  run(cwd, process.execPath, [path.join(ROOT, 'node_modules', bin), ...args]);

export const filesBelow = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)).replaceAll('\\', '/'))
    .sort();

export const readJson = (file: string): unknown => JSON.parse(readFileSync(file, 'utf8'));

/** The pages for people who write TypeScript, and what a fragment of each may take for granted. */
const GIVEN = {
  library: { tracker: 'import("bedrock-job-tracker").BedrockJobTracker', stack: 'import("aws-cdk-lib").Stack' },
  querying: { jobs: 'import("bedrock-job-tracker/client").JobsClient' },
};

/** Writes each TypeScript block of these pages as a module of its own; the names of the files. */
export const writeCodeBlocks = (folder: string): string[] =>
  Object.entries(GIVEN).flatMap(([page, names]) => {
    const text = readFileSync(path.join(ROOT, 'docs', `${page}.md`), 'utf8');
    return [...text.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(([, code = ''], index) => {
      const given = Object.entries(names)
        .filter(([name]) => !code.includes(`const ${name} =`))
        .map(([name, type]) => `declare const ${name}: ${type};\n`);
      const file = `${page}-${index + 1}.ts`;
      // Without an import a file is no module, and may not await.
      writeFileSync(path.join(folder, file), `export {};\n${given.join('')}${code}`);
      return file;
    });
  });

const OPTIONS: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.NodeNext,
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  skipLibCheck: false,
  types: ['node'],
};

/**
 * Compiles a consumer's files in place and says what is wrong with them and with the package's declarations that they
 * reach. Those of other packages are not looked at: the CDK's and the SDK's are their own affair.
 */
export function compileConsumer(folder: string, files: readonly string[]): string[] {
  const program = ts.createProgram(
    files.map((file) => path.join(folder, file)),
    { ...OPTIONS, typeRoots: [path.join(folder, 'node_modules', '@types')] },
  );
  const ours = program
    .getSourceFiles()
    .filter(({ fileName }) => !fileName.includes('/node_modules/') || fileName.includes('/bedrock-job-tracker/'));
  const diagnostics = [
    ...program.getOptionsDiagnostics(),
    ...ours.flatMap((file) => [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)]),
  ];
  program.emit();
  return diagnostics.map(({ file, messageText, start = 0 }) => {
    const line = file === undefined ? 0 : file.getLineAndCharacterOfPosition(start).line + 1;
    const text = ts.flattenDiagnosticMessageText(messageText, '\n');
    return `${file === undefined ? '' : path.relative(folder, file.fileName)}:${line}: ${text}`;
  });
}

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

export interface RunningCommand {
  /** The first line that matches; rejects where the command ends without one. */
  readonly line: (pattern: RegExp) => Promise<string>;
  /** Ends it by Ctrl-C; its exit code. */
  readonly stop: () => Promise<number | null>;
}

/** Starts a program on the machine's own Node.js, as a person would who installed it. */
export const startCommand = (cwd: string, file: string, args: readonly string[]): RunningCommand => {
  const child = spawn('node', [file, ...args], { cwd, env: userEnvironment(), stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = once(child, 'exit') as Promise<[number | null]>;
  const lines: string[] = [];
  const reader = createInterface({ input: child.stdout });
  reader.on('line', (line) => lines.push(line));
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  return {
    line: async (pattern) => {
      for (;;) {
        const found = lines.find((line) => pattern.test(line));
        if (found !== undefined) return found;
        if (child.exitCode !== null) throw new Error(`It ended without that line:\n${lines.join('\n')}\n${errors}`);
        await Promise.race([once(reader, 'line'), ended]);
      }
    },
    stop: async () => {
      child.kill('SIGINT');
      const [code] = await ended;
      return code;
    },
  };
};
