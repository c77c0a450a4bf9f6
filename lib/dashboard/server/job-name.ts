/** Characters of the longest name of a job: https://docs.aws.amazon.com/bedrock/latest/APIReference/API_CreateModelCustomizationJob.html */
export const MAX_NAME = 63;

/** Whether a text can be the ARN, name or id of a job at all. Others could be longer than a key of the table may be. */
export const canNameJob = (text: string): boolean => /^[\x21-\x7e]{1,1011}$/.test(text);
