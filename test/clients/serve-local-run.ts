/**
 * Runs the tracker as `npm start` does, on the Bedrock that the environment names as AWS's, with a sweep each second,
 * until its standard input ends. Prints, as one JSON line, the address of its DynamoDB.
 *
 *   node serve-local-run.ts <folder>
 */
import { startLocalRun } from '../../lib/local/run.ts';

const anyPort = { port: 0, asked: true };
const run = await startLocalRun(
  {
    bedrock: 'aws',
    regions: ['us-east-1'],
    dataDir: process.argv[2] ?? '',
    webPort: anyPort,
    dynamoDbPort: anyPort,
    bedrockPort: anyPort,
    speed: 1,
    activeJobs: 0,
    events: false,
    activeSweepEvery: 1,
    fullSweepEvery: 1,
  },
  {
    loadHandlers: async () => {
      const [track, reconcile, publish, notify] = await Promise.all([
        import('../../lambdas/track-job/index.ts'),
        import('../../lambdas/reconcile-jobs/index.ts'),
        import('../../lambdas/publish-transitions/index.ts'),
        import('../../lambdas/notify-transition/index.ts'),
      ]);
      return {
        trackJob: track.handler,
        reconcileJobs: reconcile.handler,
        publishTransitions: publish.handler,
        notifyTransition: notify.handler,
      };
    },
    invocation: { program: 'bedrock-jobs', trackerFlags: [] },
    // Standard output is for the address; that jobs change is expected.
    print: (line) => {
      if (line.includes('sweep failed')) process.stderr.write(`${line}\n`);
    },
  },
);
process.stdout.write(`${JSON.stringify({ url: run.dynamoDbUrl })}\n`);
process.stdin.resume().once('end', () => {
  void run.stop();
});
