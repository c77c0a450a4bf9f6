#!/usr/bin/env node
import { runCommandLine } from '../lib/cli/program.ts';

process.exitCode = await runCommandLine(process.argv.slice(2), {
  print: (line) => process.stdout.write(`${line}\n`),
  loadHandlers: async () => {
    const [{ handler: trackJob }, { handler: reconcileJobs }] = await Promise.all([
      import('../lambdas/track-job/index.ts'),
      import('../lambdas/reconcile-jobs/index.ts'),
    ]);
    return { trackJob, reconcileJobs };
  },
});
