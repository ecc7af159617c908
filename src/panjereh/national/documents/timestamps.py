"""The time stamper of the process, as pyHanko asks for one.

Production puts an outside authority in its place: `sealing.stamper` is the one place that chooses.
"""

from asn1crypto import tsp
from pyhanko.sign.timestamps import TimeStamper

from panjereh.common.time_authority import InnerAuthority
from panjereh.national.documents.keys import Signer


class InProcessStamper(TimeStamper):
    def __init__(self, signer: Signer) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._authority = InnerAuthority.of(signer.key, signer.certificate)

    async def async_request_tsa_response(self, req: tsp.TimeStampReq) -> tsp.TimeStampResp:
        return self._authority.stamped(req)
