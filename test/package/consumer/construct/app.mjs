// The smallest app, in plain JavaScript as an ES module.
import { App, Stack } from 'aws-cdk-lib';
import { BedrockJobTracker } from 'bedrock-job-tracker';

const app = new App();
new BedrockJobTracker(new Stack(app, 'Consumer'), 'Tracker');
app.synth();
