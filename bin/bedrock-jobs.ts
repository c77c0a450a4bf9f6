#!/usr/bin/env node
import nodeModule from 'node:module';

// The SDK's warning about old versions of Node.js is for those who choose its version.
process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true';
// Twice as fast from the second start on; what is imported statically would be compiled before it. Node.js 22 has it.
(nodeModule as Partial<Pick<typeof nodeModule, 'enableCompileCache'>>).enableCompileCache?.();
const [{ runCommandLine }, { processContext }] = await Promise.all([
  import('../lib/cli/program.ts'),
  import('../lib/cli/terminal.ts'),
]);

process.exitCode = await runCommandLine(process.argv.slice(2), processContext(), {
  loadHandlers: async () => {
    const [track, reconcile, publish, notify] = await Promise.all([
      import('../lambdas/track-job/index.ts'),
      import('../lambdas/reconcile-jobs/index.ts'),
      import('../lambdas/publish-transitions/index.ts'),
      import('../lambdas/notify-transition/index.ts'),
    ]);
    return {
      trackJob: track.handler,
      reconcileJobs: reconcile.handler,
      publishTransitions: publish.handler,
      notifyTransition: notify.handler,
    };
  },
});
