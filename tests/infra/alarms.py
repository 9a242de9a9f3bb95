"""Alarms as CloudWatch evaluates them: what each looks at, and its state after a series of values.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/AlarmThatSendsEmail.html and, for expressions,
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
"""

import ast
import operator
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

VALUE = "value"  # what the only metric of an alarm without an expression is called here
Values = Mapping[str, float]  # of one period; what is missing was not told

_BREACHES: dict[str, Callable[[float, float], bool]] = {
    "GreaterThanThreshold": operator.gt,
    "GreaterThanOrEqualToThreshold": operator.ge,
    "LessThanThreshold": operator.lt,
    "LessThanOrEqualToThreshold": operator.le,
}
_ARITHMETIC: dict[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}
_COMPARING: dict[type[ast.cmpop], Callable[[float, float], bool]] = {
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}


@dataclass(frozen=True)
class Metric:
    """A time series: whose, what, of what, and how the values of a period become one."""

    namespace: str
    name: str
    dimensions: Mapping[str, str]
    stat: str
    period: int


class Alarm:
    """An alarm of the template, with its parameters filled in."""

    def __init__(self, template: Mapping[str, Any], name: str, **parameters: Any) -> None:
        self.name = name
        self.parameters = {
            **{each: said["Default"] for each, said in template["Parameters"].items() if "Default" in said},
            "AWS::StackName": "kalauz-production",
            "TableName": "kalauz-production",
            **parameters,
        }
        self._conditions = template["Conditions"]
        self.properties: dict[str, Any] = self._filled_in(template["Resources"][name]["Properties"])

    @property
    def metrics(self) -> dict[str, Metric]:
        """The time series that it looks at, by what its expression calls them."""
        said = self.properties
        if "Metrics" not in said:
            stat = said.get("ExtendedStatistic") or said["Statistic"]
            return {VALUE: _metric(said, stat, said["Period"])}
        stats = {part["Id"]: part["MetricStat"] for part in said["Metrics"] if "MetricStat" in part}
        return {name: _metric(stat["Metric"], stat["Stat"], stat["Period"]) for name, stat in stats.items()}

    def state(self, periods: Sequence[Values], before: str = "OK") -> str:
        """Its state after these periods, the latest last."""
        asked = self.properties["EvaluationPeriods"]
        judged = [self._breaches(values) for values in [*[{}] * asked, *periods][-asked:]]
        missing = self.properties["TreatMissingData"]
        if missing == "ignore" and all(breaches is None for breaches in judged):
            return before
        breaching = sum(missing == "breaching" if each is None else each for each in judged)
        return "ALARM" if breaching >= self.properties.get("DatapointsToAlarm", asked) else "OK"

    def value(self, values: Values) -> float | None:
        """What is compared with the threshold in one period; None where it cannot be told."""
        if "Metrics" not in self.properties:
            return values.get(VALUE)
        expressions = {
            part["Id"]: ast.parse(part["Expression"], mode="eval").body
            for part in self.properties["Metrics"]
            if "Expression" in part
        }
        (result,) = (part["Id"] for part in self.properties["Metrics"] if part.get("ReturnData", True))
        return _computed(ast.Name(result), values, expressions)

    def _breaches(self, values: Values) -> bool | None:
        value = self.value(values)
        if value is None:
            return None
        return _BREACHES[self.properties["ComparisonOperator"]](value, self.properties["Threshold"])

    def _filled_in(self, part: Any) -> Any:
        """The part with what CloudFormation computes; a resource is called by its name."""
        if isinstance(part, list):
            return [self._filled_in(each) for each in part]
        if not isinstance(part, dict):
            return part
        if "Ref" in part:
            return self.parameters.get(part["Ref"], part["Ref"])
        if "Fn::GetAtt" in part:
            return part["Fn::GetAtt"][0]
        if "Fn::If" in part:
            condition, this, that = part["Fn::If"]
            return self._filled_in(this if self._holds(self._conditions[condition]) else that)
        if "Fn::Sub" in part:
            text, named = part["Fn::Sub"] if isinstance(part["Fn::Sub"], list) else (part["Fn::Sub"], {})
            known = {**self.parameters, **self._filled_in(named)}
            return re.sub(r"\$\{([\w:]+)\}", lambda found: str(known[found[1]]), text)
        return {name: self._filled_in(each) for name, each in part.items()}

    def _holds(self, condition: Any) -> bool:
        if "Fn::Not" in condition:
            return not self._holds(condition["Fn::Not"][0])
        one, other = self._filled_in(condition["Fn::Equals"])
        return str(one) == str(other)


def _metric(said: Mapping[str, Any], stat: str, period: int) -> Metric:
    dimensions = {each["Name"]: each["Value"] for each in said.get("Dimensions", [])}
    return Metric(said["Namespace"], said["MetricName"], dimensions, stat, period)


def _computed(part: ast.expr, values: Values, expressions: Mapping[str, ast.expr]) -> float | None:
    """An expression in one period: sums and maxima pass over what is missing, whatever else needs it has no value."""

    def computed(other: ast.expr) -> float | None:
        return _computed(other, values, expressions)

    match part:
        case ast.Constant(value=int() | float() as number):
            return number
        case ast.Name(id=name):
            return computed(expressions[name]) if name in expressions else values.get(name)
        case ast.BinOp(left=left, op=op, right=right):
            one, other = computed(left), computed(right)
            if one is None or other is None or (isinstance(op, ast.Div) and other == 0):
                return None
            return _ARITHMETIC[type(op)](one, other)
        case ast.Compare(left=left, ops=[op], comparators=[right]):
            one, other = computed(left), computed(right)
            return None if one is None or other is None else _COMPARING[type(op)](one, other)
        case ast.Call(func=ast.Name(id="IF"), args=[condition, this, that]):
            holds = computed(condition)
            return None if holds is None else computed(this if holds else that)
        case ast.Call(func=ast.Name(id="SUM" | "MAX" as name), args=[ast.List(elts=parts)]):
            there = [value for value in map(computed, parts) if value is not None]
            return (sum if name == "SUM" else max)(there) if there else None
    raise AssertionError(f"an expression that is not known here: {ast.unparse(part)}")
