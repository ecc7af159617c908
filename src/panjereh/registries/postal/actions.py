"""The post enters and corrects addresses; the next inquiry gets the new one (002 art 15)."""

from panjereh.common.identifiers import parse_postal_code
from panjereh.registries.postal.models import Address


def enter_address(
    *, postal_code: str, province: str, county: str, city: str, description: str
) -> Address:
    """Give a postal code its address, new or in place of the one it had."""
    address, _ = Address.objects.update_or_create(
        postal_code=parse_postal_code(postal_code),
        defaults={
            "province": province,
            "county": county,
            "city": city,
            "description": description,
        },
    )
    return address
