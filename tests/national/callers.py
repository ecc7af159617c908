"""Systems of the exchange that call the national services."""

CIVIL = "IR-TEST/GOV/14003778990/civil-registration-window"
CIVIL_REGISTRY = "IR-TEST/GOV/14003778990/civil-registry"  # another system of the same agency
WINDOW = "IR-TEST/GOV/14002763106/national-window"
HEALTH = "IR-TEST/GOV/14003711204/health-insurance"
