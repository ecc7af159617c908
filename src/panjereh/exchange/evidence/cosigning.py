"""Ask the witnesses to sign what the log has signed, and believe them when they hold proof that
this log once was another."""

import asyncio
import hashlib
import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass

from pyreqwest.client import Client

from panjereh.exchange.evidence.config import WitnessAt
from panjereh.exchange.evidence.folder import Folder
from panjereh.exchange.evidence.note import (
    Note,
    NoteRefused,
    VerifierKey,
    check_signatures,
    signed,
)
from panjereh.exchange.evidence.outside import Answer, Unreachable, get, post
from panjereh.exchange.evidence.proof import write_hashes
from panjereh.exchange.evidence.stored import (
    Published,
    StoredTree,
    TileMissing,
    published,
)

log = logging.getLogger("panjereh.exchange.evidence")

REST_SECONDS = 30.0


class LogForked(Exception):
    """A witness holds a checkpoint with this log's signature that the log on the disk contradicts.

    The log was put back from an old copy, or its key is in other hands: nothing more is signed.
    """


@dataclass
class _Peer:
    at: WitnessAt
    known: int = 0
    rests_until: float = 0.0


class Cosigning:
    def __init__(
        self, client: Client, witnesses: Sequence[WitnessAt], own: Sequence[VerifierKey]
    ) -> None:
        self._client, self._own = client, own
        self._peers = [_Peer(at) for at in witnesses]

    @property
    def wanted(self) -> int:
        return len(self._peers)

    async def cosign(self, seen: Published, tree: StoredTree) -> list[str]:
        """The signature lines of those who signed. Raises `LogForked`."""
        awake = [peer for peer in self._peers if peer.rests_until <= time.monotonic()]
        asked = (self._ask(peer, seen, tree) for peer in awake)
        return [line for lines in await asyncio.gather(*asked) for line in lines]

    async def _ask(self, peer: _Peer, seen: Published, tree: StoredTree) -> list[str]:
        try:
            answer = await self._submit(peer, seen, tree)
            if answer.status == 409:
                peer.known = await self._size_it_knows(peer, answer, seen, tree)
                answer = await self._submit(peer, seen, tree)
            if answer.status == 422:
                await self._refuse_fork(peer, tree.folder)
            lines = self._lines(peer, seen, answer)
        except (Unreachable, NoteRefused, ValueError, TileMissing) as error:
            peer.rests_until = time.monotonic() + REST_SECONDS
            log.warning("exchange.evidence.witness-away name=%s %s", peer.at.key.name, error)
            return []
        peer.known = seen.head.size
        return lines

    async def _submit(self, peer: _Peer, seen: Published, tree: StoredTree) -> Answer:
        path = write_hashes(tree.consistency(peer.known))
        body = f"old {peer.known}\n{path}\n{seen.note}"
        return await post(
            self._client, f"{peer.at.url}/add-checkpoint", body.encode(), "text/plain"
        )

    async def _size_it_knows(
        self, peer: _Peer, answer: Answer, seen: Published, tree: StoredTree
    ) -> int:
        size = int(answer.body)
        if size > seen.head.size:
            await self._refuse_fork(peer, tree.folder)
            raise NoteRefused("it says that it knows a larger log, without a proof")
        return size

    def _lines(self, peer: _Peer, seen: Published, answer: Answer) -> list[str]:
        """The witness's own lines, checked; a witness could send anything."""
        if answer.status != 200:
            raise NoteRefused(f"it answered {answer.status}")
        note = Note.parse(signed(seen.note.text, [answer.body.decode()]))
        check_signatures(note, [peer.at.key])
        key = peer.at.key
        return [s.line for s in note.signatures if (s.name, s.key_id) == (key.name, key.id)]

    async def _refuse_fork(self, peer: _Peer, folder: Folder) -> None:
        """Only our own signature convinces us: a witness that lies cannot stop the log."""
        origin = self._own[0].name
        name = hashlib.sha256(origin.encode()).hexdigest()
        answer = await get(self._client, f"{peer.at.url}/{name}/checkpoint")
        if answer.status != 200:
            return
        theirs = Published.parse(answer.body.decode())
        check_signatures(theirs.note, self._own)
        now = published(folder)
        if now is None or theirs.head.origin != origin:
            return
        size = theirs.head.size  # others may have shown it a checkpoint that is newer than ours
        tree = StoredTree(folder, now.head.size)
        if size > tree.size or tree.root_at(size) != theirs.head.root:
            raise LogForked(f"{peer.at.key.name} holds a checkpoint of {size} that we signed")
