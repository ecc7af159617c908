from dataclasses import dataclass
from typing import Literal

Finding = Literal["strong", "sufficient", "differs", "no-face", "several-faces"]


@dataclass(frozen=True)
class Comparison:
    finding: Finding
