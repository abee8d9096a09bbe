"""A small resolver of CloudFormation's intrinsic functions, for templates.py: a template and parameters in, resources out.

What it does not know, it refuses. Values of resources are `<Name.Attribute>`, but for the function's ARN.
"""

import re

ACCOUNT, REGION, FUNCTION = "111122223333", "ap-southeast-1", "arn:aws:lambda:ap-southeast-1:111122223333:function:f"
PSEUDO = {"AWS::AccountId": ACCOUNT, "AWS::Region": REGION, "AWS::Partition": "aws", "AWS::URLSuffix": "amazonaws.com"}
NOTHING = object()


class Refused(Exception):
    """What CloudFormation would refuse."""


class Stack:
    """A template with parameters, resolved."""

    def __init__(self, template, given):
        self.template, self.values = template, dict(PSEUDO)
        unknown = set(given) - set(template["Parameters"])
        if unknown:
            raise Refused(f"no parameters {unknown}")
        for name, parameter in template["Parameters"].items():
            value = str(given.get(name, parameter.get("Default", NOTHING)))
            if name not in given and "Default" not in parameter:
                raise Refused(f"{name} is required")
            allowed = [str(one) for one in parameter.get("AllowedValues", [])]
            if allowed and value not in allowed:
                raise Refused(f"{name}={value} is not allowed")
            if not re.search(parameter.get("AllowedPattern", ""), value):
                raise Refused(f"{name}={value} does not match")
            if not parameter.get("MinLength", 0) <= len(value) <= parameter.get("MaxLength", 4096):
                raise Refused(f"{name} has {len(value)} characters")
            self.values[name] = value
        self.resources = {
            name: one for name, one in template["Resources"].items() if "Condition" not in one or self.holds(one["Condition"])
        }
        self.properties = {name: self.resolve(one.get("Properties", {})) for name, one in self.resources.items()}
        outputs = template.get("Outputs", {})
        self.outputs = {k: self.resolve(o["Value"]) for k, o in outputs.items() if "Condition" not in o or self.holds(o["Condition"])}

    def of_type(self, kind):
        return {name: self.properties[name] for name, one in self.resources.items() if one["Type"] == kind}

    def holds(self, name):
        return self.condition(self.template["Conditions"][name])

    def condition(self, node):
        (function, argument), = node.items()
        if function == "Condition":
            return self.holds(argument)
        if function == "Fn::Equals":
            return self.resolve(argument[0]) == self.resolve(argument[1])
        combine = {"Fn::And": all, "Fn::Or": any, "Fn::Not": lambda parts: not all(parts)}[function]
        return combine([self.condition(part) for part in argument])

    def name(self, name):
        """The value of a Ref, or of ${...} in a Sub."""
        if name in self.values:
            return self.values[name]
        resource, _, attribute = name.partition(".")
        if self.template["Resources"][resource]["Type"] == "AWS::Lambda::Function" and attribute == "Arn":
            return FUNCTION
        if resource not in self.resources:
            raise Refused(f"{name} is not made under these conditions")
        return f"<{name}>"

    def resolve(self, node):
        if isinstance(node, list):
            return [one for one in map(self.resolve, node) if one is not NOTHING]
        if not isinstance(node, dict):
            return node
        function, argument = next(iter(node.items())) if len(node) == 1 else ("", None)
        if function == "Ref":
            return NOTHING if argument == "AWS::NoValue" else self.name(argument)
        if function == "Fn::GetAtt":
            return self.name(argument if isinstance(argument, str) else ".".join(argument))
        if function == "Fn::If":
            return self.resolve(argument[1 if self.holds(argument[0]) else 2])
        if function == "Fn::Join":
            return argument[0].join(self.resolve(argument[1]))
        if function == "Fn::FindInMap":
            top, first, second = self.resolve(argument)
            return self.template["Mappings"][top][first][second]
        if function == "Fn::Sub":
            text, own = (argument, {}) if isinstance(argument, str) else (argument[0], self.resolve(argument[1]))
            return re.sub(r"\$\{([^!}]+)\}", lambda match: own.get(match[1]) if match[1] in own else self.name(match[1]), text)
        if function.startswith("Fn::"):
            raise Refused(f"{function} is not known here")
        resolved = {key: self.resolve(value) for key, value in node.items()}
        return {key: value for key, value in resolved.items() if value is not NOTHING}
