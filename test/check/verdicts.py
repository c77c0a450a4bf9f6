"""The verdicts of AWS's own validators, which are not part of this project.

    python3 verdicts.py <folder that holds them>

Reads a JSON line {"path", "target"} for each file, and answers {"ok", "why"}; for a distillation also how many prompts are
valid. Needs pydantic and jsonschema. The validators are called as their own command lines call them, with two changes for
speed: one process for all files, and one jsonschema validator for each schema.
"""

import importlib
import importlib.util
import json
import sys
import types
from functools import lru_cache
from pathlib import Path

from jsonschema import ValidationError
from jsonschema.exceptions import best_match
from jsonschema.validators import validator_for


def find(folder, name, having):
    """The newest of the files of a name: the one that has this text."""
    for path in sorted(folder.rglob(name)):
        if having in path.read_text(encoding="utf-8"):
            return path
    sys.exit(f"There is no {name} with {having} in {folder}.")


def load(path):
    """A module with what lies beside it. Modules of two validators may share a name."""
    before = set(sys.modules)
    sys.path.insert(0, str(path.parent))
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    spec.loader.exec_module(module)
    sys.path.pop(0)
    for name in set(sys.modules) - before:
        if str(getattr(sys.modules[name], "__file__", "") or "").startswith(str(path.parent)):
            del sys.modules[name]
    return module


@lru_cache(maxsize=None)
def validator(text):
    schema = json.loads(text)
    return validator_for(schema)(schema)


TEXTS = {}


def fast_validate(instance, schema):
    text = TEXTS.setdefault(id(schema), json.dumps(schema))
    error = best_match(validator(text).iter_errors(instance))
    if error is not None:
        raise error


def nova(module, path, model, task):
    task_type = module.TaskType(task)
    report = module.validate_jsonl_file(path, model, task_type)
    problems = [error.message for error in report.errors]
    problems += module.validate_dataset_level(report, None, model, task.lower())
    return {"ok": not problems, "why": " ".join(problems)}


def haiku(module, path):
    errors, _ = module.validate_file(path)
    return {"ok": not errors, "why": " ".join(errors)}


def llama(module, path, name):
    model = module.MODELS[name]
    with open(path, "r") as file:
        dataset = [json.loads(line) for line in file]
    module.validate_record_count(len(dataset), module.TRAIN)
    check = (
        module.validate_converse
        if model.input_type == module.InputType.CONVERSE
        else module.validate_prompt_completion
    )
    for index, row in enumerate(dataset):
        check(row, index)
    return {"ok": True, "why": ""}


def distillation(module, path):
    if not path.endswith(".jsonl"):
        return {"ok": False, "why": "it is skipped for its name"}
    valid, why = 0, ""
    with open(path, "r") as file:
        for line in file.readlines():
            try:
                module.validate_prompt(json.loads(line), False)
                valid += 1
            except ValidationError as error:
                why += f" {error.message}"
            except TypeError:
                # How the validator tells of roles that do not alternate: it names an argument that does not exist.
                why += " Messages must alternate"
            except ValueError as error:
                why += f" {error}"
    return {"ok": valid >= module.MIN_NUM_PROMPTS, "why": why, "valid": valid}


def main():
    folder = Path(sys.argv[1])
    # The distillation's validator imports them for work that is not done here.
    for name in ("numpy", "boto3"):
        sys.modules.setdefault(name, types.ModuleType(name))
    modules = {
        "nova": load(find(folder, "nova_ft_dataset_validator.py", "TaskType")),
        "haiku": load(find(folder, "data_validation.py", "RESERVED_KEYWORDS")),
        "llama": load(find(folder, "dataset_validation.py", "validate_prompt_completion")),
        "distillation": load(find(folder, "dataset_validator.py", "validate_invocation_log")),
    }
    modules["llama"].validate = modules["distillation"].validate = fast_validate
    calls = {"nova": nova, "haiku": haiku, "llama": llama, "distillation": distillation}
    for line in sys.stdin:
        task = json.loads(line)
        name, *more = task["target"]
        try:
            verdict = calls[name](modules[name], task["path"], *more)
        except Exception as error:  # A crash of a validator is a refusal too.
            verdict = {"ok": False, "why": f"{type(error).__name__}: {error}"}
        print(json.dumps(verdict), flush=True)


main()
