import { CreateModelCustomizationJobCommand as Create, TagResourceCommand as Tag } from '@aws-sdk/client-bedrock';
import { describe, expect, it } from '@jest/globals';
import { closeAfterEach, eventually } from '../../support/integration/suite.ts';
import { createInput } from '../../support/integration/jobs.ts';
import { startSimulatedTracker } from '../../support/integration/tracker.ts';

const opened = closeAfterEach();

describe('two looks at a job at once', () => {
  it('end with what the look that began last saw, even where an earlier one ends later', async () => {
    const tracker = await opened(startSimulatedTracker());
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    let first = true;
    tracker.bedrock.around = async (request, forward) => {
      const answer = await forward();
      if (request.operation === 'GetModelCustomizationJob' && first) {
        first = false;
        await held;
      }
      return answer;
    };
    const { jobArn: resourceARN = '' } = await tracker.client.send(new Create(createInput('raced')));
    await eventually(() =>
      expect(tracker.bedrock.counts()).toMatchObject({ ListTagsForResource: 1, GetModelCustomizationJob: 1 }),
    );
    await tracker.client.send(new Tag({ resourceARN, tags: [{ key: 'stage', value: 'prod' }] }));
    await eventually(async () => expect(await tracker.record(resourceARN)).toHaveProperty('tags.stage', 'prod'));
    release();
    await tracker.drained();
    expect(await tracker.record(resourceARN)).toHaveProperty('tags.stage', 'prod');
  });
});
