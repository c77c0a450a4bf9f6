"""Runs moto's Bedrock and STS until the standard input ends. Prints its address as one JSON line.

moto's customization jobs are written apart from this project. Four things that no client of the service model could
live with are mended, and nothing else:

1. Times have neither a `T` nor a zone: here they are ISO-8601 in UTC.
2. ARNs of jobs and of their models have neither the base model nor an id.
3. Get and Stop do not find a job by its ARN.
4. What is not found is answered with the status 400, where the model says 404.
"""

import hashlib
import json
import logging
import sys
import threading
from datetime import datetime, timezone
from urllib.parse import unquote

from moto.bedrock import exceptions, models
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import make_server

exceptions.ResourceNotFoundException.code = 404

names = {}
init = models.ModelCustomizationJob.__init__


def init_mended(job, *args, **more):
    init(job, *args, **more)
    now = datetime.now(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    job.creation_time = job.last_modified_time = job.end_time = now
    start = job.job_arn.rsplit(":", 1)[0]
    job_id = hashlib.sha256(job.job_name.encode()).hexdigest()[:12]
    job.job_arn = f"{start}:model-customization-job/{job.base_model_identifier}/{job_id}"
    job.output_model_arn = f"{start}:custom-model/{job.base_model_identifier}/{job_id}"
    names[job.job_arn] = job.job_name


models.ModelCustomizationJob.__init__ = init_mended

dispatcher = DomainDispatcherApplication(create_backend_app)
JOBS = "/model-customization-jobs/"


def application(environ, start_response):
    """Names the job where a path has its ARN."""
    path = environ["PATH_INFO"]
    if path.startswith(JOBS):
        identifier, *stop = path.removeprefix(JOBS).rsplit("/stop", 1)
        if (name := names.get(unquote(identifier))) is not None:
            environ["PATH_INFO"] = JOBS + name + ("/stop" if stop else "")
            environ["RAW_URI"] = environ["REQUEST_URI"] = environ["PATH_INFO"]
    return dispatcher(environ, start_response)


# A line for each request would drown the checks.
logging.getLogger("werkzeug").setLevel(logging.ERROR)
server = make_server("127.0.0.1", 0, application, threaded=True)
threading.Thread(target=server.serve_forever, daemon=True).start()
print(json.dumps({"url": f"http://127.0.0.1:{server.port}"}), flush=True)
sys.stdin.read()
