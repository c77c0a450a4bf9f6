import { sampleModels } from './models.ts';
import { sampleRecords } from './records.ts';
import { sampleScopes } from './scopes.ts';
import { startSampleDashboard } from './sample-dashboard.ts';

// For work on the application: `node test/support/dashboard/serve.ts [port] [number of jobs] [number of a hub's scopes]`.
process.env['AWS_REGION'] ??= 'us-east-1';
process.env['AWS_ACCESS_KEY_ID'] = 'test';
process.env['AWS_SECRET_ACCESS_KEY'] = 'test';
const [port = '4321', count = '140', scopes] = process.argv.slice(2);
const records = sampleRecords(Date.now(), Number(count));
const dashboard = await startSampleDashboard(records, {
  models: sampleModels(records, Date.now()),
  ...(scopes !== undefined && { registered: sampleScopes(Number(scopes), Date.now()) }),
  port: Number(port),
  tracksAtOnce: true,
});
console.log(dashboard.url);
