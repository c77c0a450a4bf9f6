"""Cloud Custodian's customization jobs, as a policy without filters and actions collects them."""

import tempfile

from c7n.config import Config
from c7n.policy import PolicyCollection
from c7n.resources import load_resources

load_resources(("aws.bedrock-customization-job",))
with tempfile.TemporaryDirectory() as output:
    config = Config.empty(region="us-east-1", regions=["us-east-1"], account_id="123456789012", output_dir=output)
    policies = [{"name": "jobs", "resource": "aws.bedrock-customization-job"}]
    (policy,) = PolicyCollection.from_data({"policies": policies}, config)
    policy.resource_manager.resources()
