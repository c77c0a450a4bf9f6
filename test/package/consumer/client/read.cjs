// A service that reads, in plain JavaScript as CommonJS.
const { DynamoDBClient } = require('@aws-sdk/client-dynamodb');
const { DynamoDBDocumentClient } = require('@aws-sdk/lib-dynamodb');
const { createJobsClient, hasCode } = require('bedrock-job-tracker-client');
const { title } = require('bedrock-job-tracker-client/schemas/job-record.v1.schema.json');

const jobs = createJobsClient(DynamoDBDocumentClient.from(new DynamoDBClient({ region: 'us-east-1' })), {
  tableName: 'jobs',
});
const place = { account: '111122223333', region: 'us-east-1' };
jobs.listJobs({ ...place, cursor: 'nonsense' }).catch((error) => {
  console.log(hasCode(error, 'BAD_CURSOR') ? error.code : error, `for a ${title}`);
});
