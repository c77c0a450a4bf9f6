# Prints what Python gets to see of wrong props, as JSON by case.
import json

from aws_cdk import App, Environment, Stack
from bedrock_job_tracker import BedrockJobTracker, TrackedScopes

app = App()
env = Environment(account="111122223333", region="us-east-1")
WRONG = {
    "two props": {"max_concurrency": 1, "log_level": "LOUD"},
    "a nested prop": {"scopes": [TrackedScopes(accounts=["12"])]},
    "a control sequence": {"parameter_prefix": "\x1b[31mno\nline"},
    "a number in place of a text": {"log_level": 5},
    "a prop that does not exist": {"max_concurency": 5},
}
errors = {}
for number, (case, props) in enumerate(WRONG.items()):
    try:
        BedrockJobTracker(Stack(app, f"Stack{number}", env=env), "Tracker", **props)
    except Exception as error:
        errors[case] = str(error)
print(json.dumps(errors))
