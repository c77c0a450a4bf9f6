// No test may reach an account: whatever builds a client by the SDK's defaults gets a dummy one.
process.env['AWS_REGION'] = 'us-east-1';
process.env['AWS_ACCESS_KEY_ID'] = 'test';
process.env['AWS_SECRET_ACCESS_KEY'] = 'test';
process.env['AWS_EC2_METADATA_DISABLED'] = 'true';
// Costs two seconds a synth; `cdk synth` runs it.
process.env['CDK_VALIDATION'] = 'false';
process.env['POWERTOOLS_LOG_LEVEL'] = 'SILENT';
// cdk-nag reads a deprecated property; what this project itself does wrong the type checker says.
process.env['JSII_DEPRECATED'] = 'quiet';
process.env['POWERTOOLS_METRICS_DISABLED'] = 'true';
