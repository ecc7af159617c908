"""The statements of the ledger. Each move writes its row of history in the same statement."""

LOCK_CLASS = 4040  # advisory locks of pump sessions
RECEIPT_HOURS = 72

NEW_SESSION = f"""
    WITH session AS (SELECT nextval('messaging_pump_session')::int AS id)
    SELECT id, pg_advisory_lock({LOCK_CLASS}, id) FROM session
"""  # noqa: S608 - built from the constants of this file

# Expired parts are left for the sweep: a one-time code is never sent after its life.
CLAIM = """
    WITH due AS (
        SELECT id FROM messaging_delivery
        WHERE state = 'queued' AND next_try <= now()
            AND (expires_at IS NULL OR expires_at > now() + interval '1 second')
        ORDER BY lane, next_try, id LIMIT %(limit)s FOR UPDATE SKIP LOCKED
    ), numbered AS (
        SELECT d.id, row_number() OVER (ORDER BY d.lane, d.next_try, d.id) AS nth
        FROM messaging_delivery d JOIN due USING (id)
    ), claimed AS (
        UPDATE messaging_delivery d
        SET state = 'submitting', since = now(), session = %(session)s,
            sequence = %(first)s + nth - 1, attempts = attempts + 1
        FROM numbered WHERE d.id = numbered.id
        RETURNING d.*
    ), noted AS (
        INSERT INTO messaging_deliveryevent (delivery_id, at, kind, data)
        SELECT id, now(), 'submitting', jsonb_build_object('attempt', attempts) FROM claimed
    )
    SELECT c.id, c.sequence, c.part, c.total, c.lane, c.attempts, c.expires_at,
        m.id AS message_id, m.mask, m.mobile, m.text
    FROM claimed c JOIN messaging_message m ON m.id = c.message_id
"""


def _noted(kind: str, move: str, data: str = "%(data)s") -> str:
    return f"""
        WITH moved AS ({move} RETURNING id)
        INSERT INTO messaging_deliveryevent (delivery_id, at, kind, data)
        SELECT id, now(), {kind}, {data} FROM moved
    """  # noqa: S608 - built from the constants of this file


# An answer that comes after its timer still counts, unless the part was sent again meanwhile.
ACCEPTED = _noted(
    "'accepted'",
    """
    UPDATE messaging_delivery SET state = 'accepted', since = now(), smsc_id = %(smsc_id)s
    WHERE session = %(session)s AND sequence = %(sequence)s AND state IN ('submitting', 'queued')
    """,
)

AGAIN = _noted(
    "'queued'",
    """
    UPDATE messaging_delivery SET state = 'queued', since = now(),
        next_try = now() + %(after)s * interval '1 second',
        attempts = attempts - %(uncounted)s, maybe_dup = maybe_dup OR %(maybe_dup)s
    WHERE session = %(session)s AND sequence = %(sequence)s AND state = 'submitting'
    """,
)

HOPELESS = _noted(
    "'undeliverable'",
    """
    UPDATE messaging_delivery SET state = 'undeliverable', since = now(), final_at = now()
    WHERE session = %(session)s AND sequence = %(sequence)s AND state = 'submitting'
    """,
)

RECEIPT = _noted(
    "%(state)s",
    """
    UPDATE messaging_delivery SET state = %(state)s, since = now(), final_at = now()
    WHERE route = %(route)s AND smsc_id = %(smsc_id)s AND state IN ('accepted', 'unknown')
    """,
)

# A receipt of a delivery that is final already was told twice, and is no orphan.
KEEP_ORPHAN = """
    INSERT INTO messaging_receiptorphan (route, smsc_id, state, error, received_at)
    SELECT %(route)s::varchar, %(smsc_id)s::varchar, %(state)s, %(error)s, now()
    WHERE NOT EXISTS (
        SELECT FROM messaging_delivery WHERE route = %(route)s AND smsc_id = %(smsc_id)s
    )
    ON CONFLICT (route, smsc_id) DO NOTHING
"""

TAKE_ORPHANS = """
    DELETE FROM messaging_receiptorphan WHERE route = %(route)s AND smsc_id = ANY(%(ids)s)
    RETURNING smsc_id, state, error
"""

EXPIRE = _noted(
    "'expired'",
    """
    UPDATE messaging_delivery SET state = 'expired', since = now(), final_at = now()
    WHERE state = 'queued' AND expires_at <= now() + interval '1 second'
    """,
    "'{}'::jsonb",
)

# 002 art 26(1): a code is worth nothing after its minutes, so nobody is to read it here later. The
# hash of the request stays, by which a repeated one is known.
FORGET_CODES = """
    UPDATE messaging_message m SET text = ''
    WHERE m.lane = 0 AND m.text <> '' AND NOT EXISTS (
        SELECT FROM messaging_delivery d
        WHERE d.message_id = m.id AND d.state IN ('queued', 'submitting')
    )
"""

NO_RECEIPT = _noted(
    "'unknown'",
    f"""
    UPDATE messaging_delivery SET state = 'unknown', since = now()
    WHERE state = 'accepted' AND since < now() - interval '{RECEIPT_HOURS} hours'
    """,  # noqa: S608
    "'{}'::jsonb",
)

FORGET_ORPHANS = f"""
    DELETE FROM messaging_receiptorphan
    WHERE received_at < now() - interval '{RECEIPT_HOURS} hours'
"""  # noqa: S608

_BACK = """
    UPDATE messaging_delivery SET state = 'queued', since = now(), next_try = now(),
        maybe_dup = true
    WHERE state = 'submitting'
"""

RELEASE = _noted(
    "'queued'",
    f"{_BACK} AND session = %(session)s",
    """'{"reason": "connection-lost"}'::jsonb""",
)

# A session whose lock can be had is dead; the lock is kept only until this transaction ends.
RECOVER_DEAD = f"""
    WITH sessions AS MATERIALIZED (
        SELECT DISTINCT session FROM messaging_delivery
        WHERE state = 'submitting' AND session <> %(session)s
    ), dead AS MATERIALIZED (
        SELECT session FROM sessions WHERE pg_try_advisory_xact_lock({LOCK_CLASS}, session)
    ), moved AS (
        {_BACK} AND session IN (SELECT session FROM dead) RETURNING id
    )
    INSERT INTO messaging_deliveryevent (delivery_id, at, kind, data)
    SELECT id, now(), 'queued', '{{"reason": "pump-died"}}'::jsonb FROM moved
"""  # noqa: S608
