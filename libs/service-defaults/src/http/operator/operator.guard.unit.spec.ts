import 'reflect-metadata';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWK, type JWTPayload } from 'jose';
import { IssuerKeys, KeysUnreachable } from '../issuer.keys';
import { ThingsController } from '../../fixtures/things.controller';
import { OperatorGuard } from './operator.guard';
import { verifyOperatorToken } from './operator.token';

const AUDIENCE = 'api://operators';
const nowSeconds = () => Math.floor(Date.now() / 1000);

describe("the operators' endpoints", () => {
  let authority: Server;
  let url: string;
  let privateKey: CryptoKey;
  let publicJwk: JWK;
  let published: JWK[];
  let reachable = true;
  let fetches = 0;

  beforeAll(async () => {
    const pair = await generateKeyPair('RS256', { extractable: true });
    privateKey = pair.privateKey;
    publicJwk = { ...(await exportJWK(pair.publicKey)), kid: 'k1', use: 'sig' };
    authority = createServer((request, response) => {
      if (!reachable) return void response.writeHead(500).end();
      if (request.url === '/tenant/keys') fetches += 1;
      const document = request.url === '/tenant/keys' ? { keys: published } : { issuer: `${url}/v2.0`, jwks_uri: `${url}/keys` };
      response.end(JSON.stringify(document));
    });
    await new Promise<void>((resolve) => authority.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(authority.address() as AddressInfo).port}/tenant`;
  });
  beforeEach(() => {
    published = [publicJwk];
    reachable = true;
    fetches = 0;
  });
  afterEach(() => jest.useRealTimers());
  afterAll(() => authority.close());

  const newGuard = () => new OperatorGuard(new Reflector(), { authorityUrl: url, audience: AUDIENCE });
  const token = (claims: JWTPayload = {}, header: { alg?: string; kid?: string } = {}, key: CryptoKey | Uint8Array = privateKey) =>
    new SignJWT({ iss: `${url}/v2.0`, aud: AUDIENCE, exp: nowSeconds() + 600, sub: 'op-1', roles: ['landfall.operate'], ...claims })
      .setProtectedHeader({ alg: 'RS256', kid: 'k1', ...header })
      .sign(key);

  function asked(handler: keyof ThingsController, authorization?: string): ExecutionContext {
    const request = { headers: { authorization } };
    return {
      getType: () => 'http',
      getHandler: () => ThingsController.prototype[handler],
      getClass: () => ThingsController,
      switchToHttp: () => ({ getRequest: () => request }),
    } as unknown as ExecutionContext;
  }
  const ask = async (guard: OperatorGuard, handler: keyof ThingsController, jwt?: string) =>
    guard.canActivate(asked(handler, jwt === undefined ? undefined : `Bearer ${jwt}`));

  it.each<[string, JWTPayload, boolean]>([
    ['a person', { oid: 'p-1', sub: 'pairwise', scp: 'access' }, false],
    ['a person without a scope', { oid: 'p-1', sub: 'pairwise' }, false],
    ['an application that says so', { oid: 'a-1', idtyp: 'app' }, true],
    ['an application that does not say so', { oid: 'a-1', sub: 'a-1' }, true],
    ['whoever has no object id', {}, false],
  ])('tells an application from a person: %s', async (_whose, claims, isApplication) => {
    expect(await verifyOperatorToken(await token(claims), AUDIENCE, new IssuerKeys(url))).toMatchObject({ isApplication });
  });

  it('lets anybody in where the handler is public, and messages, which have no caller', async () => {
    expect(await ask(newGuard(), 'slow')).toBe(true);
    expect(await newGuard().canActivate({ getType: () => 'rpc' } as ExecutionContext)).toBe(true);
  });

  it('closes a handler that names no role, to administrators too', async () => {
    await expect(ask(newGuard(), 'unnamed')).rejects.toMatchObject({ status: 401 });
    await expect(ask(newGuard(), 'unnamed', await token({ roles: ['landfall.admin'] }))).rejects.toMatchObject({ status: 403 });
  });

  it('wants the role or a higher one', async () => {
    const guard = newGuard();
    expect(await ask(guard, 'act', await token())).toBe(true);
    expect(await ask(guard, 'act', await token({ roles: ['landfall.admin', 'other'] }))).toBe(true);
    for (const roles of [['landfall.read'], ['admin'], [], 'landfall.admin', undefined]) {
      await expect(ask(guard, 'act', await token({ roles }))).rejects.toMatchObject({ status: 403 });
    }
  });

  it.each<[string, () => Promise<string>]>([
    ['too long', () => token({ filler: 'x'.repeat(8_192) })],
    ['unreadable', async () => 'a.b.c'],
    ['algorithm', () => token({}, { alg: 'HS256' }, Buffer.from('x'.repeat(32)))],
    ['algorithm', async () => (await token()).replace(/^[^.]+/, Buffer.from('{"alg":"none","kid":"k1"}').toString('base64url'))],
    ['audience', () => token({ aud: 'api://other' })],
    ['expired', () => token({ exp: nowSeconds() - 301 })],
    ['expired', () => token({ exp: undefined })],
    ['not yet valid', () => token({ nbf: nowSeconds() + 330 })],
    ['issuer', () => token({ iss: 'https://elsewhere.example' })],
    ['subject', () => token({ sub: undefined })],
    ['unknown key', () => token({}, { kid: 'k9' })],
    ['signature', async () => (await token()).replace(/[^.]+$/, (await token({ sub: 'op-2' })).split('.')[2] ?? '')],
  ])('answers 401 to a token that is wrong: %s', async (reason, make) => {
    await expect(ask(newGuard(), 'act', await make())).rejects.toMatchObject({
      status: 401,
      message: `The bearer token was refused: ${reason}`,
    });
    if (!['unknown key', 'signature', 'issuer', 'subject'].includes(reason)) expect(fetches).toBe(0);
  });

  it('forgives five minutes of skew', async () => {
    expect(await ask(newGuard(), 'act', await token({ exp: nowSeconds() - 290, nbf: nowSeconds() + 290 }))).toBe(true);
  });

  it('says "not now" where the keys are unreachable, and asks again only after a cool-down', async () => {
    reachable = false;
    const guard = newGuard();
    await expect(ask(guard, 'act', await token())).rejects.toThrow(KeysUnreachable);
    reachable = true;
    await expect(ask(guard, 'act', await token())).rejects.toThrow(KeysUnreachable);
    jest.useFakeTimers({ now: Date.now() + 5_000, doNotFake: ['setTimeout', 'setImmediate', 'nextTick', 'queueMicrotask', 'performance'] });
    expect(await ask(guard, 'act', await token())).toBe(true);
  });

  it('takes up a rotated key at once, and reads the keys for unknown ones at most once a minute', async () => {
    const guard = newGuard();
    await ask(guard, 'act', await token());
    const next = await generateKeyPair('RS256', { extractable: true });
    published = [{ ...(await exportJWK(next.publicKey)), kid: 'k2', use: 'sig' }];
    const rotated = await token({}, { kid: 'k2' }, next.privateKey);
    await expect(ask(guard, 'act', rotated)).rejects.toThrow(KeysUnreachable); // 503: they were read a moment ago
    jest.useFakeTimers({
      now: Date.now() + 60_000,
      doNotFake: ['setTimeout', 'setImmediate', 'nextTick', 'queueMicrotask', 'performance'],
    });
    expect(await Promise.all([ask(guard, 'act', rotated), ask(guard, 'act', rotated)])).toEqual([true, true]);
    jest.setSystemTime(Date.now() + 1);
    await expect(ask(guard, 'act', await token({}, { kid: 'k3' }))).rejects.toThrow(KeysUnreachable);
    expect(fetches).toBe(2);
  });

  it('is shut, not open, where no authority is configured', async () => {
    const guard = new OperatorGuard(new Reflector(), { authorityUrl: undefined, audience: undefined });
    await expect(ask(guard, 'act', await token())).rejects.toMatchObject({ status: 503 });
  });
});
