"""Alerts as people read them: what is wrong, where, since when and what to do."""

from dataclasses import dataclass

from panjereh.exchange.monitoring.alerts.rules import Rule, rules
from panjereh.exchange.monitoring.models import Alert, Alerts
from panjereh.exchange.monitoring.names import Name, Names

SHOWN = 100
ARROW = " → "


@dataclass(frozen=True)
class ToldAlert:
    alert: Alert
    rule: Rule
    subject: list[Name | str]  # one party, or who calls what; none when it is the exchange itself

    @property
    def firing(self) -> bool:
        return self.alert.state == Alert.State.FIRING


def told_alerts(found: Alerts, known: Names) -> list[ToldAlert]:
    """Newest first."""
    ruled = rules()
    return [
        ToldAlert(alert, ruled[alert.rule], [known.of(x) for x in alert.subject.split(ARROW) if x])
        for alert in found[:SHOWN]
        if alert.rule in ruled
    ]
