from panjereh.registries.conscription.models import Service


def service(national_id: str) -> Service | None:
    return Service.objects.filter(pk=national_id).first()
