"""Evaluates expressions and templates with Jinja2 and Ansible's filters: JSON cases on stdin, JSON results on stdout."""
import ast
import json
import sys
import types
import warnings

warnings.filterwarnings("ignore")

import jinja2  # noqa: E402
from jinja2.runtime import Undefined  # noqa: E402
from ansible.plugins.filter import core, encryption, mathstuff, urls, urlsplit  # noqa: E402
from ansible.plugins.test import core as test_core  # noqa: E402
from ansible.plugins.test import files as test_files  # noqa: E402
from ansible.plugins.test import mathstuff as test_math  # noqa: E402
from ansible.plugins.test import uri as test_uri  # noqa: E402


class ChainableStrict(jinja2.StrictUndefined):
    """Strict, but reading an attribute of an undefined value gives it back."""

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return self

    def __repr__(self):
        # Nothing undefined is ever printed here, not even inside of a list.
        self._fail_with_undefined_error()

    def __getitem__(self, key):
        return self


ChainableStrict.__name__ = "Undefined"


def plain(value):
    """Lazy results as the lists that Ansible makes of them."""
    if type(value) is Undefined:
        return ""
    if isinstance(value, Undefined):
        value._fail_with_undefined_error()
    if isinstance(value, (types.GeneratorType, range, map, zip, type({}.keys()), type({}.values()), type({}.items()))):
        return [plain(item) for item in value]
    if isinstance(value, jinja2.runtime.Macro) or callable(value):
        return value
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, tuple):
        return tuple(plain(item) for item in value)
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, str):
        return str(value)
    return value


def environment(files):
    env = jinja2.Environment(
        loader=jinja2.DictLoader(files),
        undefined=ChainableStrict,
        trim_blocks=True,
        # Constant folding would report mistakes in branches that never run.
        optimized=False,
        keep_trailing_newline=True,
        finalize=lambda value: "" if value is None else plain(value),
    )
    for module in (core, encryption, mathstuff, urls, urlsplit):
        env.filters.update(module.FilterModule().filters())
    for module in (test_core, test_math, test_files, test_uri):
        env.tests.update(module.TestModule().tests())
    # Ansible unrolls lazy filters at once, so that `map(...) | length` works.
    for name in ("map", "select", "reject", "selectattr", "rejectattr", "batch", "slice", "unique"):
        env.filters[name] = unrolled(env.filters[name])
    return env


def unrolled(function):
    def run(*args, **kwargs):
        result = function(*args, **kwargs)
        return list(result) if isinstance(result, types.GeneratorType) else result

    for attribute in ("jinja_pass_arg", "contextfunction"):
        if hasattr(function, attribute):
            setattr(run, attribute, getattr(function, attribute))
    return run


def render(env, case):
    """The text of a template, with what Ansible does around Jinja: the header line, newlines at the end."""
    text = case["text"]
    if text.startswith("#jinja2:"):
        header, text = text.split("\n", 1)
        env = env.overlay()
        for pair in header[len("#jinja2:"):].split(","):
            key, value = pair.split(":", 1)
            if not hasattr(env, key.strip()):
                raise ValueError(key)
            setattr(env, key.strip(), ast.literal_eval(value.strip()))
    env.keep_trailing_newline = False
    result = env.from_string(text).render(**case["data"])
    missing = trailing(text) - trailing(result)
    return result + env.newline_sequence * max(0, missing)


def trailing(text):
    return len(text) - len(text.rstrip("\n"))


def evaluate(env, case):
    try:
        if case["kind"] == "expression":
            value = env.compile_expression(case["text"], undefined_to_none=False)(**case["data"])
            return {"repr": repr(plain(value))}
        return {"repr": repr(render(env, case))}
    except RecursionError:
        return {"error": "RecursionError"}
    except Exception as error:  # any failure is a result: both sides must agree that there is one
        return {"error": "%s: %s" % (type(error).__name__, str(error)[:200])}


def main():
    given = json.load(sys.stdin)
    env = environment(given["files"])
    json.dump([evaluate(env, case) for case in given["cases"]], sys.stdout)


main()
