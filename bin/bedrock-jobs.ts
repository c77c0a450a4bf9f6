#!/usr/bin/env node
import nodeModule from 'node:module';

// Twice as fast from the second start on; what is imported statically would be compiled before it. Node.js 22 has it.
(nodeModule as Partial<Pick<typeof nodeModule, 'enableCompileCache'>>).enableCompileCache?.();
const [{ runCommandLine }, { processContext }] = await Promise.all([
  import('../lib/cli/program.ts'),
  import('../lib/cli/process-context.ts'),
]);

process.exitCode = await runCommandLine(process.argv.slice(2), processContext(), {
  loadHandlers: async () => {
    const [{ handler: trackJob }, { handler: reconcileJobs }] = await Promise.all([
      import('../lambdas/track-job/index.ts'),
      import('../lambdas/reconcile-jobs/index.ts'),
    ]);
    return { trackJob, reconcileJobs };
  },
});
