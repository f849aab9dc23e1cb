import { createPrivateKey, sign, type KeyObject } from 'node:crypto';
import { operationId } from '../microsoft/operation.id';
import { application, beginsAs, shownOperation, shownSubscription } from '../microsoft/purchased';
import type { LoadRequest, Order } from './load.protocol';

const tokenLifeSeconds = 3_600;

/** A token of its own for each webhook (contract 2.3), signed before the load begins: a cache of tokens must not be what is measured. */
export function tokensFor({ issuer, kid, privateKeyPem, orders }: LoadRequest): string[] {
  const key = createPrivateKey(privateKeyPem);
  const header = encoded({ alg: 'RS256', typ: 'JWT', kid });
  const now = Math.floor(Date.now() / 1000);
  return orders.map((_, place) => signed(key, header, claims(issuer, now, place)));
}

const claims = (issuer: string, now: number, place: number) => ({
  ...{ ver: '2.0', iss: issuer, aud: application.clientId, tid: application.tenantId, azp: application.appId, azpacr: '1' },
  ...{ iat: now, nbf: now, exp: now + tokenLifeSeconds, uti: `bench-${now}-${place}`, sub: application.appId, oid: application.appId },
});

const encoded = (part: object): string => Buffer.from(JSON.stringify(part)).toString('base64url');

function signed(key: KeyObject, header: string, payload: object): string {
  const content = `${header}.${encoded(payload)}`;
  return `${content}.${sign('sha256', Buffer.from(content), key).toString('base64url')}`;
}

/** The webhook of an order that is due now or was due then. */
export function webhookOf({ kind, target, subscription, before }: Order, atMs: number): { id: string; body: string } {
  const planned = { atMs, kind, target, subscription };
  const id = operationId(planned);
  const payload = { ...shownOperation(id, planned, beginsAs(planned), before), subscription: shownSubscription(subscription, before) };
  return { id, body: JSON.stringify(payload) };
}
