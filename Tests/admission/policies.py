"""Admission policies as an API server applies them.

Reads ValidatingAdmissionPolicies with their bindings, or Kyverno's ClusterPolicies with CEL, and judges
admission requests. The expressions are evaluated by CEL's reference implementation in C++
(cel-expr-python); around it this follows the Kubernetes documentation, "Validating Admission Policy", and
Kyverno's, "Validate Rules", "Common Expression Language". What is used nowhere here (parameters,
authorizer) is refused rather than guessed.
"""

import copy
import dataclasses
import functools
import pathlib
import re

import yaml
from cel_expr_python import cel

VARIABLES = ("object", "oldObject", "request", "namespaceObject", "variables")


@functools.cache
def _environment():
    return cel.NewEnv(variables={name: cel.Type.DYN for name in VARIABLES})


@functools.cache
def _compiled(expression):
    return _environment().compile(expression)


class CELError(Exception):
    """An expression that has no value, as where a field is missing."""


def evaluate(expression, data):
    value = _compiled(expression).eval(data=data)
    if value.type() == cel.Type.ERROR:
        raise CELError(str(value.value()))
    return value.plain_value()


@dataclasses.dataclass(frozen=True)
class Refusal:
    policy: str
    rule: int | None  # None: a matchCondition failed to say anything.
    message: str
    is_error: bool = False


@dataclasses.dataclass
class Policy:
    name: str
    conditions: list  # expressions
    variables: list  # (name, expression)
    rules: list  # (expression, message)
    matches: object  # (request) -> bool
    is_kyverno: bool = False
    constraints: dict | None = None  # matchConstraints
    twin_of: str | None = None  # Policies that say the same of different kinds.

    def without(self, rule):
        """The same without one rule: tests that notice nothing were hollow."""
        rules = [each for i, each in enumerate(self.rules) if i != rule]
        return dataclasses.replace(self, rules=rules)

    def without_condition(self, index):
        conditions = [each for i, each in enumerate(self.conditions) if i != index]
        return dataclasses.replace(self, conditions=conditions)

    def narrowed(self):
        """The same with one group, operation or resource less in a rule of what it is asked about: what is
        left out, and the policy."""
        for number, rule in enumerate((self.constraints or {}).get("resourceRules", [])):
            for key in ("apiGroups", "operations", "resources"):
                for entry in rule[key] if len(rule[key]) > 1 or key == "resources" else ():
                    constraints = copy.deepcopy(self.constraints)
                    changed = constraints["resourceRules"]
                    changed[number][key] = [each for each in rule[key] if each != entry]
                    if not changed[number][key]:
                        del changed[number]
                    where = f"{', '.join(rule['resources'])} of {', '.join(rule['apiGroups']) or 'the core'}"
                    yield f"{entry or 'the core'} ({where})", dataclasses.replace(
                        self, constraints=constraints, matches=functools.partial(_constrained, constraints)
                    )

    def without_names(self):
        """The same with one name less in a list of those who are exempt: the name, and the policy."""
        for kind, index, expression in [
            *(("conditions", i, each) for i, each in enumerate(self.conditions)),
            *(("rules", i, each) for i, (each, _) in enumerate(self.rules)),
        ]:
            for found in re.finditer(r"username in \[([^\]]*)\]", expression):
                names = re.findall(r"'[^']*'", found[1])
                for name in names if len(names) > 1 else ():
                    rest = ", ".join(each for each in names if each != name)
                    changed = expression[: found.start(1)] + rest + expression[found.end(1) :]
                    entries = list(getattr(self, kind))
                    entries[index] = changed if kind == "conditions" else (changed, entries[index][1])
                    yield name, dataclasses.replace(self, **{kind: entries})

    def judge(self, review):
        """The refusals of an admission request, given with the namespace that it concerns."""
        request = review["request"]
        if not self.matches(review):
            return []
        data = {
            "object": request.get("object"),
            "oldObject": request.get("oldObject"),
            "request": _as_kyverno_sees(request) if self.is_kyverno else request,
            "namespaceObject": None,
            "variables": {},
        }
        applies, error = self._conditions(data)
        if not applies:
            return []
        if error:
            return [Refusal(self.name, None, error, is_error=True)]
        # Of a Namespace itself there is no namespaceObject.
        if request["kind"]["kind"] != "Namespace":
            data["namespaceObject"] = review.get("namespaceObject")
        data["variables"] = self._variables(data)
        refusals = []
        for index, (expression, message) in enumerate(self.rules):
            try:
                if evaluate(expression, data) is not True:
                    refusals.append(Refusal(self.name, index, message))
            except CELError as error:
                # failurePolicy: Fail, which `load` insists on.
                refusals.append(Refusal(self.name, index, f"{expression}: {error}", is_error=True))
        return refusals

    def _conditions(self, data):
        """One that is false decides, even beside one that fails; a failure refuses."""
        error = None
        for expression in self.conditions:
            try:
                if evaluate(expression, data) is not True:
                    return False, None
            except CELError as failure:
                error = f"{expression}: {failure}"
        return True, error

    def _variables(self, data):
        """Lazy, as seen from outside: one that has no value is an error only where it is asked for."""
        values = {}
        for name, expression in self.variables:
            try:
                values[name] = evaluate(expression, data | {"variables": values})
            except CELError:
                pass
        return values


def load(folder):
    """The policies of a folder that are in force."""
    documents = []
    for path in sorted(pathlib.Path(folder).rglob("*.yaml")):
        documents += [each for each in yaml.safe_load_all(path.read_text()) if each]
    bound = set()
    for document in documents:
        if document["kind"] == "ValidatingAdmissionPolicyBinding":
            spec = document["spec"]
            _refuse(spec, "binding", {"policyName", "validationActions"})
            if "Deny" in spec["validationActions"]:
                bound.add(spec["policyName"])
    policies = [_admission(each) for each in documents if each["kind"] == "ValidatingAdmissionPolicy"]
    policies = [each for each in policies if each.name in bound]
    if unknown := bound - {each.name for each in policies}:
        raise SystemExit(f"bindings of policies that are not there: {', '.join(sorted(unknown))}")
    return policies + [_kyverno(each) for each in documents if each["kind"] == "ClusterPolicy"]


def _refuse(given, what, known):
    if unknown := set(given) - known:
        raise SystemExit(f"{what}: not modelled: {', '.join(sorted(unknown))}")


def _admission(document):
    spec = document["spec"]
    name = document["metadata"]["name"]
    _refuse(
        spec, name, {"failurePolicy", "matchConstraints", "matchConditions", "variables", "validations"}
    )
    if spec["failurePolicy"] != "Fail":
        raise SystemExit(f"{name}: what cannot be judged must be refused: failurePolicy: Fail")
    constraints = spec["matchConstraints"]
    return Policy(
        name=name,
        conditions=[each["expression"] for each in spec.get("matchConditions", [])],
        variables=[(each["name"], each["expression"]) for each in spec.get("variables", [])],
        rules=[(each["expression"], each["message"]) for each in spec["validations"]],
        matches=functools.partial(_constrained, constraints),
        constraints=constraints,
    )


def _constrained(constraints, review):
    if not any(_covers(each, review["request"], constraints) for each in constraints["resourceRules"]):
        return False
    if any(_covers(each, review["request"], constraints) for each in constraints.get("excludeResourceRules", [])):
        return False
    request = review["request"]
    objects = [each for each in (request.get("object"), request.get("oldObject")) if each]
    selector = constraints.get("objectSelector")
    if selector and not any(_selects(selector, each["metadata"].get("labels", {})) for each in objects):
        return False
    selector = constraints.get("namespaceSelector")
    if selector:
        if request["kind"]["kind"] == "Namespace":
            return _selects(selector, objects[0]["metadata"].get("labels", {}))
        namespace = review.get("namespaceObject")
        # What is in no namespace is never exempted by its labels.
        return namespace is None or _selects(selector, namespace["metadata"].get("labels", {}))
    return True


def _covers(rule, request, constraints):
    resource = request["resource"]["resource"]
    sub = request.get("subResource")
    names = {"*/*", f"{resource}/{sub}", f"{resource}/*", f"*/{sub}"} if sub else {"*", "*/*", resource, f"{resource}/*"}
    is_version = constraints.get("matchPolicy", "Equivalent") == "Equivalent" or bool(
        {"*", request["resource"]["version"]} & set(rule["apiVersions"])
    )
    return (
        bool({"*", request["resource"]["group"]} & set(rule["apiGroups"]))
        and is_version
        and bool({"*", request["operation"]} & set(rule["operations"]))
        and bool(names & set(rule["resources"]))
        and (not rule.get("resourceNames") or request.get("name") in rule["resourceNames"])
    )


def _selects(selector, labels):
    for key, value in selector.get("matchLabels", {}).items():
        if labels.get(key) != value:
            return False
    for each in selector.get("matchExpressions", []):
        operator, value = each["operator"], labels.get(each["key"])
        fits = {
            "In": value in each.get("values", []),
            "NotIn": value not in each.get("values", []),
            "Exists": value is not None,
            "DoesNotExist": value is None,
        }[operator]
        if not fits:
            return False
    return True


def _kyverno(document):
    spec = document["spec"]
    name = document["metadata"]["name"]
    if spec["validationFailureAction"] != "Enforce" or spec["background"] or spec["failurePolicy"] != "Fail":
        raise SystemExit(f"{name}: not enforced at every request")
    (rule,) = spec["rules"]
    _refuse(rule, name, {"name", "match", "celPreconditions", "validate"})
    validate = rule["validate"]["cel"]
    return Policy(
        name=name,
        conditions=[each["expression"] for each in rule.get("celPreconditions", [])],
        variables=[(each["name"], each["expression"]) for each in validate.get("variables", [])],
        rules=[(each["expression"], each["message"]) for each in validate["expressions"]],
        matches=lambda review: any(_is_kind(each["resources"], review["request"]) for each in rule["match"]["any"]),
        is_kyverno=True,
        twin_of=document["metadata"]["annotations"].get("agent-ready-k8s/twin-of"),
    )


def _is_kind(resources, request):
    kind, sub = request["kind"], request.get("subResource")
    asked = {
        "/".join(filter(None, [kind["group"], version, kind["kind"], sub])) for version in (kind["version"], "*")
    }
    return request["operation"] in resources["operations"] and bool(asked & set(resources["kinds"]))


def _as_kyverno_sees(request):
    """It names no subresource to its expressions, and takes name and namespace from the object."""
    metadata = (request.get("object") or request["oldObject"])["metadata"]
    seen = {key: value for key, value in request.items() if key not in ("subResource", "name", "namespace")}
    seen["name"] = metadata["name"]
    if "namespace" in metadata and request["kind"]["kind"] != "Namespace":
        seen["namespace"] = metadata["namespace"]
    return seen
