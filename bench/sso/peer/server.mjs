// npm oidc-provider with its adapter on PostgreSQL: the same client, people and tokens as ours.
// `node server.mjs '{"port": …, "database": …}'`. Whoever comes is signed in as account "1".
import Provider from "oidc-provider";
import pg from "pg";

const given = JSON.parse(process.argv[2]);
const pool = new pg.Pool({ ...given.database, max: 8 });
await pool.query(`
  CREATE TABLE IF NOT EXISTS oidc (
    kind text, id text, payload jsonb NOT NULL, grant_id text, uid text,
    expires_at timestamptz, PRIMARY KEY (kind, id));
  CREATE INDEX IF NOT EXISTS oidc_grant ON oidc (grant_id);
  CREATE INDEX IF NOT EXISTS oidc_uid ON oidc (kind, uid)`);

// The shape that the library's own example adapters have.
class Adapter {
  constructor(kind) { this.kind = kind; }
  async upsert(id, payload, seconds) {
    await pool.query({
      name: "upsert",
      text: `INSERT INTO oidc VALUES ($1, $2, $3, $4, $5, now() + make_interval(secs => $6))
             ON CONFLICT (kind, id) DO UPDATE SET payload = $3, expires_at = excluded.expires_at`,
      values: [this.kind, id, payload, payload.grantId, payload.uid, seconds],
    });
  }
  async find(id) { return this.one("id", id); }
  async findByUid(uid) { return this.one("uid", uid); }
  async findByUserCode(code) { return this.one("payload->>'userCode'", code); }
  async one(column, value) {
    const found = await pool.query({
      name: `find-${column}`,
      text: `SELECT payload FROM oidc WHERE kind = $1 AND ${column} = $2 AND expires_at > now()`,
      values: [this.kind, value],
    });
    return found.rows[0]?.payload;
  }
  async consume(id) {
    await pool.query({
      name: "consume",
      text: `UPDATE oidc SET payload = jsonb_set(payload, '{consumed}', to_jsonb(extract(epoch from now())::int))
             WHERE kind = $1 AND id = $2`,
      values: [this.kind, id],
    });
  }
  async destroy(id) {
    await pool.query({ name: "destroy", text: "DELETE FROM oidc WHERE kind = $1 AND id = $2",
                       values: [this.kind, id] });
  }
  async revokeByGrantId(grantId) {
    await pool.query("DELETE FROM oidc WHERE grant_id = $1", [grantId]);
  }
}

const provider = new Provider(given.issuer, {
  adapter: Adapter,
  clients: given.clients,
  jwks: given.jwks,
  cookies: { keys: ["of-the-bench"] },
  pkce: { required: () => true },
  claims: { openid: ["sub"], profile: ["given_name", "family_name"], national_id: ["national_id"] },
  scopes: ["openid", "profile", "national_id", "offline_access"],
  features: {
    devInteractions: { enabled: false },
    dPoP: { enabled: true },
    pushedAuthorizationRequests: { enabled: true },
  },
  clientAuthMethods: ["client_secret_basic", "private_key_jwt"],
  findAccount: (_, id) => ({
    accountId: id,
    claims: () => ({ sub: id, given_name: "بیتا", family_name: "بزرگی", national_id: "9716064055" }),
  }),
  async loadExistingGrant(context) {
    const { client, session } = context.oidc;
    const known = session.grantIdFor(client.clientId);
    if (known) return provider.Grant.find(known);
    const grant = new provider.Grant({ clientId: client.clientId, accountId: session.accountId });
    grant.addOIDCScope("openid profile national_id");
    await grant.save();
    return grant;
  },
  interactions: { url: (_, interaction) => `/enter/${interaction.uid}` },
  ttl: { AccessToken: 180, AuthorizationCode: 60, IdToken: 300, Session: 43200, Grant: 43200, Interaction: 600 },
});

provider.use(async (context, next) => {
  if (!context.path.startsWith("/enter/")) return next();
  await provider.interactionFinished(context.req, context.res, { login: { accountId: "1" } });
  context.respond = false;
});
provider.on("server_error", (_, error) => console.error(error));
provider.listen(given.port, "127.0.0.1", () => console.log("open"));
