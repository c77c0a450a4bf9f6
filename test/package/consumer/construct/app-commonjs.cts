// An app as `cdk init` makes it: TypeScript compiled to CommonJS.
import { App, Stack } from 'aws-cdk-lib';
import { BedrockJobTracker } from 'bedrock-job-tracker';

const app = new App();
const { jobsTable } = new BedrockJobTracker(new Stack(app, 'Consumer'), 'Tracker', { maxConcurrency: 2 });
export const tableName: string = jobsTable.tableName;
app.synth();
