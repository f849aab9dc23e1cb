import { createHmac, generateKeyPairSync, randomUUID } from 'node:crypto';
import { exportJWK, SignJWT } from 'jose';
import { startGateway, type TestGateway } from '../testing/gateway.fixture';
import { payload, webhooksOf } from '../testing/webhook.fixture';

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway.close());

const { post } = webhooksOf(() => gateway);

/** Forged ones, a genuine one behind each so many, and so many at the same time. */
const FORGED = 3_000;
const GENUINE_EVERY = 50;
const AT_ONCE = 40;

const attacker = generateKeyPairSync('rsa', { modulusLength: 2048 });
const base64url = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
const headerOf = (token: string) => JSON.parse(Buffer.from(token.split('.')[0]!, 'base64url').toString()) as { kid: string };
const claimsOf = (token: string) => JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString()) as Record<string, unknown>;
const signedByAttacker = (claims: object, header: object) =>
  new SignJWT({ ...claims }).setProtectedHeader({ alg: 'RS256', ...header }).sign(attacker.privateKey);

/** What somebody who is not Microsoft can make of a genuine token, each with another fault. */
async function forgeries(genuine: string): Promise<(string | null)[]> {
  const { identity } = gateway;
  const [{ kid }, claims] = [headerOf(genuine), claimsOf(genuine)];
  const [header, body, signature] = genuine.split('.') as [string, string, string];
  const hs256 = `${base64url({ alg: 'HS256', kid })}.${body}`;
  const jwk = await exportJWK(attacker.publicKey);
  return [
    null,
    'garbage',
    `${header}.${body}.${signature.slice(0, -6)}AAAAAA`,
    `${header}.${base64url({ ...claims, exp: 4_000_000_000 })}.${signature}`,
    `${base64url({ alg: 'none', kid })}.${body}.`,
    `${hs256}.${createHmac('sha256', 'a secret').update(hs256).digest('base64url')}`,
    await signedByAttacker(claims, { kid }),
    await signedByAttacker(claims, { kid: randomUUID() }),
    await signedByAttacker({ ...claims, ver: '1.0', iss: identity.issuer('1.0') }, { kid: randomUUID() }),
    await signedByAttacker(claims, { kid: randomUUID(), jwk }),
    await signedByAttacker(claims, { kid: randomUUID(), jku: 'https://attacker.example/keys' }),
    await identity.webhookToken({ tid: randomUUID() }),
    await identity.webhookToken({ azp: randomUUID() }),
    await identity.webhookToken({ iss: identity.issuer('1.0') }),
    await identity.webhookToken({ exp: Math.floor(Date.now() / 1000) - 3_600 }),
    await identity.webhookToken({ nbf: Math.floor(Date.now() / 1000) + 3_600 }),
  ];
}

it('of forged webhooks while keys rotate: none is stored, keys are read once a minute at most, and no genuine one is answered 4xx (pitfall 5)', async () => {
  const began = performance.now();
  let genuine = await gateway.identity.webhookToken();
  let forged = await forgeries(genuine);
  const readsBefore = gateway.identity.keyReads;
  const answers = { genuine: new Map<number, number>(), forged: new Map<number, number>() };
  const genuineIds = new Set<string>();
  const count = (of: Map<number, number>, status: number) => of.set(status, (of.get(status) ?? 0) + 1);
  let sent = 0;

  const sendOn = async () => {
    for (let number = sent++; number < FORGED; number = sent++) {
      if (number === FORGED / 2) {
        gateway.identity.rotateKeys();
        genuine = await gateway.identity.webhookToken();
        forged = await forgeries(genuine);
      }
      const { status } = await post(payload(), { token: forged[number % forged.length]! });
      count(answers.forged, status);
      if (number % GENUINE_EVERY !== 0) continue;
      const notification = payload();
      const answer = await post(notification, { token: genuine });
      count(answers.genuine, answer.status);
      genuineIds.add(notification.id);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, sendOn));
  const seconds = (performance.now() - began) / 1_000;
  process.stdout.write(
    `${FORGED} forged webhooks, and ${genuineIds.size} genuine ones, in ${seconds.toFixed(1)} s: ${Math.round(FORGED / seconds)} forged a second\n`,
  ); // told and not judged: a busy machine is slower

  expect([...answers.forged.keys()].filter((status) => status !== 401 && status !== 503)).toEqual([]);
  expect(answers.forged.get(401)).toBeGreaterThan(FORGED / 4);
  expect([...answers.genuine.keys()].filter((status) => status !== 200 && status !== 503)).toEqual([]);
  expect(answers.genuine.get(200)).toBeGreaterThan(0);
  const stored = await gateway.query<{ operation_id: string }>('select operation_id from gateway.webhook_deliveries');
  expect(stored.map((row) => row.operation_id).filter((id) => !genuineIds.has(id))).toEqual([]);
  const minutes = Math.ceil(seconds / 60);
  const requestsOfOneRead = 2; // the discovery document, and the keys
  const versions = 2; // of the token, each with a discovery document of its own
  expect(gateway.identity.keyReads - readsBefore).toBeLessThanOrEqual(versions * requestsOfOneRead * (minutes + 1));
});
