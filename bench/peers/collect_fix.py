"""Fix Inventory's collector of customization jobs, built as its own tests build one, with real boto3 clients."""

from concurrent.futures import ThreadPoolExecutor
from queue import Queue

from fix_plugin_aws.aws_client import AwsClient
from fix_plugin_aws.configuration import AwsConfig
from fix_plugin_aws.resource.base import AwsAccount, AwsRegion, GraphBuilder
from fix_plugin_aws.resource.bedrock import AwsBedrockModelCustomizationJob
from fixlib.baseresources import Cloud
from fixlib.core.actions import CoreFeedback
from fixlib.graph import Graph
from fixlib.threading import ExecutorQueue

ACCOUNT = "123456789012"
REGION = "us-east-1"

config = AwsConfig(access_key_id=ACCOUNT, secret_access_key="test")
region = AwsRegion(id=REGION, name=REGION)
with ThreadPoolExecutor(max_workers=config.resource_pool_size) as threads:
    executor = ExecutorQueue(threads, name="bench", tasks_per_key=config.shared_tasks_per_key([REGION]))
    builder = GraphBuilder(
        graph=Graph(),
        cloud=Cloud(id="aws", name="aws"),
        account=AwsAccount(id=ACCOUNT, name=ACCOUNT),
        region=region,
        all_regions={REGION: region},
        client=AwsClient(config, ACCOUNT, region=REGION),
        executor=executor,
        core_feedback=CoreFeedback("bench", "bench", "collect", Queue()),
    )
    AwsBedrockModelCustomizationJob.collect_resources(builder)
    executor.wait_for_submitted_work()
