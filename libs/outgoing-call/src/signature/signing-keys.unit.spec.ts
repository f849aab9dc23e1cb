import { createPublicKey, randomBytes, verify } from 'node:crypto';
import { inspect } from 'node:util';
import fc from 'fast-check';
import { Webhook } from 'standardwebhooks';
import { SigningKeys } from './signing-keys';

fc.configureGlobal({ seed: 1 });

/** The values were computed by OpenSSL (HMAC) and by Python's `cryptography` (Ed25519), not by this code. */
const vector = {
  id: 'msg_2026',
  atMs: 1_764_288_000_999,
  body: '{"question":"May it? – ja"}',
  shared: 'whsec_bGFuZGZhbGwtdGVzdC12ZWN0b3Itc2VjcmV0LTMyYiE=',
  sharedSignature: 'v1,mUHvgbqNQBpuVYcHwHAa6rCdfn5y8bJyqhzIZcSdGuk=',
  seed: 'whsk_bGFuZGZhbGwtdGVzdC12ZWN0b3Itc2VlZC0zMmJ5dGU=',
  seedAndPublic: 'whsk_bGFuZGZhbGwtdGVzdC12ZWN0b3Itc2VlZC0zMmJ5dGXPFXsu7PvmYibv/oEG99TfrBgg+TpRKaiZFGsUDsN9vg==',
  public: 'whpk_zxV7Luz75mIm7/6BBvfU36wYIPk6USmomRRrFA7Dfb4=',
  seedSignature: 'v1a,jbdhmQ1KGimOG6uVPPDua8zdg9jSOFr+H890wTZAWIt86RUauI6+9tNw/wvnAN3hVZJkBKAcq9J7DQHs6zlmBA==',
};
const sharedSecret = () => `whsec_${randomBytes(32).toString('base64')}`;

describe('a signature', () => {
  it.each([
    ['a shared secret', vector.shared, vector.sharedSignature, vector.shared],
    ['an Ed25519 seed', vector.seed, vector.seedSignature, vector.public],
    ['an Ed25519 seed with its public key', vector.seedAndPublic, vector.seedSignature, vector.public],
  ])('with %s is the one that others compute', (_with, key, signature, forReceivers) => {
    const keys = SigningKeys.parse(key);
    expect(keys.headers(vector)).toEqual({ 'webhook-id': 'msg_2026', 'webhook-timestamp': '1764288000', 'webhook-signature': signature });
    expect(keys.forReceivers()).toEqual([forReceivers]);
  });

  it('is accepted by the library of Standard Webhooks, for any secret and body, and by no other secret', () => {
    const secrets = fc.uint8Array({ minLength: 24, maxLength: 64 });
    fc.assert(
      fc.property(secrets, fc.jsonValue(), ([...secret], value) => {
        const body = JSON.stringify({ value });
        const keys = SigningKeys.shared([Uint8Array.from(secret)]);
        const headers = keys.headers({ id: 'a-call', atMs: Date.now(), body });
        expect(new Webhook(keys.forReceivers()[0]!).verify(body, headers)).toEqual(JSON.parse(body));
        expect(() => new Webhook(sharedSecret()).verify(body, headers)).toThrow('No matching signature found');
      }),
    );
  });

  it('of each key is there during a rotation, so that a receiver with either accepts the call', () => {
    const [next, last] = [sharedSecret(), sharedSecret()];
    const keys = SigningKeys.parse(`${next}\n${vector.seed}, ${last}\n`);
    expect(keys.forReceivers()).toEqual([next, vector.public, last]);
    const headers = keys.headers({ id: 'a-call', atMs: Date.now(), body: '{}' });
    for (const secret of [next, last]) expect(new Webhook(secret).verify('{}', headers)).toEqual({});
    const [, second] = headers['webhook-signature']!.split(' ');
    const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: vector.public.slice(5) }, format: 'jwk' });
    const content = `a-call.${headers['webhook-timestamp']}.{}`;
    expect(verify(null, Buffer.from(content), key, Buffer.from(second!.replace('v1a,', ''), 'base64'))).toBe(true);
  });
});

describe('keys', () => {
  it.each([
    ['nothing', '', 'one to 4 keys, not with 0'],
    ['five', Array.from({ length: 5 }, sharedSecret).join(' '), 'one to 4 keys, not with 5'],
    ['no prefix', 'bGFuZGZhbGwtdGVzdC12ZWN0b3Itc2VjcmV0LTMyYiE=', 'signing key 1 must begin with whsec_'],
    ['a public key', vector.public, 'signing key 1 must begin with whsec_'],
    [
      'a short secret',
      `${vector.shared} whsec_${randomBytes(23).toString('base64')}`,
      'signing key 2 must have 24 to 64 bytes, and has 23',
    ],
    ['a long secret', `whsec_${randomBytes(65).toString('base64')}`, 'signing key 1 must have 24 to 64 bytes, and has 65'],
    ['a secret that was cut', vector.shared.slice(0, -2), 'signing key 1 is not base64'],
    ['a secret with a stroke in it', vector.shared.replace('Z', '-'), 'signing key 1 is not base64'],
    ['half a private key', `whsk_${randomBytes(31).toString('base64')}`, 'signing key 1 must have 32 bytes'],
    ['a foreign public key', `whsk_${randomBytes(64).toString('base64')}`, 'the two halves of signing key 1'],
  ])('that are %s are refused, and not shown', (_what, text, problem) => {
    const parse = () => SigningKeys.parse(text);
    expect(parse).toThrow(RangeError);
    expect(parse).toThrow(problem);
    expect(parse).not.toThrow(/bGFuZ/);
  });

  it('are shown by nothing that shows objects', () => {
    const keys = SigningKeys.parse(`${vector.shared} ${vector.seed}`);
    expect(JSON.stringify(keys) + inspect(keys, { depth: 9, showHidden: true })).not.toMatch(/bGFuZ|landfall-test/);
  });
});
