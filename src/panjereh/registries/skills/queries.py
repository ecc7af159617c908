from django.db.models import QuerySet

from panjereh.registries.skills.models import Certificate


def certificates(national_id: str) -> QuerySet[Certificate]:
    """Newest first; none is an answer too."""
    return Certificate.objects.filter(national_id=national_id).order_by("-issued_on", "number")
