"""The year of the exchange, for the working group (NIX-26, 27, 37, 38): all of it from its own
counts, with the list of inquiries that agencies have to make as the measure of what is missing."""

from dataclasses import dataclass

from panjereh.exchange.directory.models import Inquiry
from panjereh.exchange.models import Grant, Member, Service, System
from panjereh.exchange.monitoring.boards import Board, board, services_of
from panjereh.exchange.monitoring.figures import Figures
from panjereh.exchange.monitoring.names import Names
from panjereh.exchange.monitoring.periods import Period
from panjereh.exchange.monitoring.reports import Duty, Line, duties, lines_of, summed


@dataclass(frozen=True)
class Totals:
    """What there was in the year: that which was called, and that which stands at its end."""

    members: int
    services: int
    services_called: int
    providers: int
    consumers: int
    grants: int
    figures: Figures
    figures_before: Figures  # of the year before

    @property
    def growth(self) -> float | None:
        before = self.figures_before.calls
        return self.figures.calls / before - 1 if before else None


@dataclass(frozen=True)
class InquiryCount:
    """The list of inquiries that agencies need, and how many of them go over the exchange."""

    known: int
    offered: int  # a service answers them
    asked: int  # and was called by that agency in the year

    @property
    def offered_share(self) -> float | None:
        return self.offered / self.known if self.known else None

    @property
    def asked_share(self) -> float | None:
        return self.asked / self.known if self.known else None


@dataclass(frozen=True)
class Year:
    period: Period
    totals: Totals
    inquiries: InquiryCount
    duties: list[Duty]
    board: Board


def year_report(period: Period, before: Period, known: Names) -> Year:
    lines = lines_of(period.selection(), known)
    services = list(services_of())
    return Year(
        period,
        _totals(lines, services, summed(lines_of(before.selection(), known))),
        inquiries(lines),
        duties(lines, services, known),
        board(period),
    )


def inquiries(lines: list[Line]) -> InquiryCount:
    """An inquiry became electronic when the agency that needs it got an answer to it here."""
    answered = {
        (line.consumer.rpartition("/")[0], line.service_id)
        for line in lines
        if line.figures.answered
    }
    listed = list(Inquiry.objects.select_related("member", "service__system__member"))
    offered = [inquiry for inquiry in listed if inquiry.service]
    asked = [
        inquiry
        for inquiry in offered
        if inquiry.service and (inquiry.member.x_road_id, inquiry.service.x_road_id) in answered
    ]
    return InquiryCount(len(listed), len(offered), len(asked))


def _totals(lines: list[Line], services: list[Service], before: Figures) -> Totals:
    called = [line for line in lines if line.figures.answered]
    return Totals(
        members=Member.objects.count(),
        services=len(services),
        services_called=len({line.service_id for line in called}),
        providers=System.objects.exclude(base_url="").count(),
        consumers=len({line.consumer for line in called}),
        grants=Grant.objects.filter(state=Grant.State.ACTIVE).count(),
        figures=summed(lines),
        figures_before=before,
    )
