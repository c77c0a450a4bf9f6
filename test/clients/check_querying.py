"""Runs the Python of docs/querying.md against a table, and compares what each block finds with what TypeScript found.

Prints one line `ok <what>` or `FAILED <what>: <why>` a block.

    python check_querying.py docs/querying.md found.json
"""

import json
import re
import sys

document, expected_file = sys.argv[1:]
with open(document, encoding="utf-8") as file:
    sections = re.split(r"^#+ (?=[^\n]+\n\n)", file.read(), flags=re.MULTILINE)
with open(expected_file, encoding="utf-8") as file:
    expected = json.load(file)

failed = 0
# Later blocks stand on earlier ones.
names = {}


def identity(item):
    return item.get("job_arn") or f"{item['at']} {item['to']}"


for section in sections:
    heading = section.split("\n")[0]
    block = re.search(r"^```python\n(.*?)^```$", section, re.MULTILINE | re.DOTALL)
    if block is None:
        continue
    try:
        names.pop("found", None)
        exec(compile(block.group(1), heading, "exec"), names)
        if heading in expected:
            found = [identity(item) for item in names["found"]]
            assert found, "nothing was found"
            assert found == expected.pop(heading), "it finds other jobs, or in another order, than the client"
        print(f"ok boto3: docs/querying.md: {heading}")
    except Exception as error:  # A block that breaks is a check that failed.
        failed += 1
        print(f"FAILED boto3: docs/querying.md: {heading}: {type(error).__name__}: {error}")

for heading in expected:
    failed += 1
    print(f"FAILED boto3: docs/querying.md: {heading}: its Python was not run")
sys.exit(1 if failed else 0)
