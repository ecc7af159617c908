// A sign-in by openid-client. The browser's part is played by whoever reads our lines: we print
// {"open": address} and are given the address the browser came back to.
import dns from "node:dns";
import { createInterface } from "node:readline/promises";
import * as oidc from "openid-client";

const given = JSON.parse(process.argv[2]);
const answers = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const seen = {};

// RFC 6761: every *.localhost is this machine, whether or not its resolver knows.
const lookup = dns.lookup;
dns.lookup = (host, options, done) =>
  lookup(host.endsWith(".localhost") ? "127.0.0.1" : host, options, done);

async function throughBrowser(address) {
  console.log(JSON.stringify({ open: address.href }));
  return new URL((await answers.next()).value);
}

async function authentication() {
  if (!given.key) return oidc[given.by](given.secret);
  const algorithm = { name: "ECDSA", namedCurve: "P-256" };
  const key = await crypto.subtle.importKey("jwk", given.key, algorithm, false, ["sign"]);
  return oidc.PrivateKeyJwt({ key, kid: given.key.kid });
}

const config = await oidc.discovery(
  new URL(given.issuer),
  given.client_id,
  { id_token_signed_response_alg: given.alg, userinfo_signed_response_alg: given.userinfo_alg },
  await authentication(),
  { execute: [oidc.allowInsecureRequests] },
);
const DPoP = given.dpop ? oidc.getDPoPHandle(config, await oidc.randomDPoPKeyPair("ES256")) : undefined;

async function signIn(more) {
  const verifier = oidc.randomPKCECodeVerifier();
  const state = oidc.randomState();
  const nonce = oidc.randomNonce();
  const asked = {
    redirect_uri: given.redirect_uri,
    scope: given.scope,
    state,
    nonce,
    code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
    code_challenge_method: "S256",
    ...more,
  };
  const address = given.par
    ? await oidc.buildAuthorizationUrlWithPAR(config, asked, { DPoP })
    : oidc.buildAuthorizationUrl(config, asked);
  const back = await throughBrowser(address);
  const checks = { pkceCodeVerifier: verifier, expectedState: state, expectedNonce: nonce };
  return oidc.authorizationCodeGrant(
    config, back, { ...checks, maxAge: more.max_age && Number(more.max_age), idTokenExpected: true },
    undefined, { DPoP });
}

let tokens = await signIn({});
seen.claims = tokens.claims();
seen.type = tokens.token_type;
seen.userinfo = await oidc.fetchUserInfo(config, tokens.access_token, seen.claims.sub, { DPoP });
tokens = await oidc.refreshTokenGrant(config, tokens.refresh_token, undefined, { DPoP });
seen.refreshed = tokens.claims();
if (given.again) {
  seen.again = (await signIn(given.again)).claims();
}
await oidc.tokenRevocation(config, tokens.refresh_token);
seen.revoked = await oidc
  .refreshTokenGrant(config, tokens.refresh_token, undefined, { DPoP })
  .then(() => "still good", (error) => error.error);
await throughBrowser(
  oidc.buildEndSessionUrl(config, {
    id_token_hint: tokens.id_token,
    post_logout_redirect_uri: given.post_logout_redirect_uri,
    state: "bye",
  }),
);
console.log(JSON.stringify({ seen }));
process.exit(0);
