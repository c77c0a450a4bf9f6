"""Runs the Python of pages against a table, and compares what each block finds with what TypeScript found.

Prints one line `ok <what>` or `FAILED <what>: <why>` a block.

    python check_querying.py found.json docs/querying.md …
"""

import contextlib
import json
import os
import re
import sys

import checks

found_file, *pages = sys.argv[1:]
with open(found_file, encoding="utf-8") as file:
    expected = json.load(file)
# As `grantReadJobs` sets them.
os.environ |= {"JOBS_TABLE_NAME": "bedrock-jobs", "TRACKED_SCOPES": "111122223333#us-east-1,111122223333#us-west-2"}


def identity(item):
    return item.get("model_arn") or item.get("job_arn") or f"{item['at']} {item['to']}"


def check(heading, code, names):
    names.pop("found", None)
    # Standard output is for the results.
    with contextlib.redirect_stdout(sys.stderr):
        exec(compile(code, heading, "exec"), names)
    if heading not in expected:
        return
    # A block that only makes a client is checked by a list.
    found = names.get("found") or names["jobs"].list_jobs(active=True).jobs
    assert found, "nothing was found"
    assert [identity(item) for item in found] == expected.pop(heading), "it finds other jobs than TypeScript"


for page in pages:
    with open(page, encoding="utf-8") as file:
        sections = re.split(r"^#+ (?=[^\n]+\n\n)", file.read(), flags=re.MULTILINE)
    # Later blocks use names of earlier ones.
    names = {}
    for section in sections:
        heading = section.split("\n")[0]
        for block in re.finditer(r"^```python\n(.*?)^```$", section, re.MULTILINE | re.DOTALL):
            checks.check(
                f"Python: {os.path.basename(page)}: {heading}",
                lambda heading=heading, code=block[1], names=names: check(heading, code, names),
            )

checks.check("Python: every question is asked", lambda: sys.exit(f"not asked: {list(expected)}") if expected else None)
checks.end()
