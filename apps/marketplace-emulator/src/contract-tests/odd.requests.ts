import { randomUUID } from 'node:crypto';
import fc from 'fast-check';

export interface OddRequest {
  method: string;
  path: string;
  headers: Record<string, string>;
  body: string | null;
}

/** What exists and odd requests may name: subscriptions, operations, and a valid token. */
export interface Known {
  subscriptionIds: string[];
  operationIds: string[];
  accessToken: string;
  purchaseToken: string;
  tenantId: string;
  clientId: string;
  clientSecret: string;
}

const fiveMegabytes = 5_000_000;
const longToken = 'A'.repeat(20_000);

/** Requests that are valid, odd or hostile, in any mixture: a method, an address, headers and a body that need not fit each other. */
export function oddRequests(known: Known): fc.Arbitrary<OddRequest> {
  return fc.record({
    method: fc.constantFrom('GET', 'GET', 'GET', 'POST', 'POST', 'PATCH', 'DELETE', 'PUT', 'HEAD', 'OPTIONS'),
    path: fc.tuple(addresses(known), queries()).map(([path, query]) => (isUnread(path, query) ? path : path + query)),
    headers: headers(known),
    body: fc.oneof({ arbitrary: plausibleBodies(known), weight: 6 }, { arbitrary: hostileBodies(), weight: 4 }),
  });
}

/** The control API has no versions, and refuses to be asked for one. */
function isUnread(path: string, query: string): boolean {
  return path.startsWith('/control/') && query === '?api-version=2018-08-31';
}

function addresses(known: Known): fc.Arbitrary<string> {
  const subscription = fc.oneof(fc.constantFrom(...known.subscriptionIds), oddSegment());
  const operation = fc.oneof(fc.constantFrom(...known.operationIds), oddSegment());
  const below = (rest: string) => subscription.map((id) => `/api/saas/subscriptions/${id}${rest}`);
  const control = [
    'change-plan',
    'change-quantity',
    'suspend',
    'reinstate',
    'renew',
    'unsubscribe',
    'landing-links',
    'invoice',
    'webhooks',
  ];
  return fc.oneof(
    fc.constantFrom(
      '/api/saas/subscriptions',
      '/api/saas/subscriptions/',
      '/API/SaaS/Subscriptions/Resolve',
      '/api/saas/subscriptions/resolve',
      '/api/usageEvent',
      '/api/batchUsageEvent',
      '/api/usageEvents',
      '/api//saas',
      '/graph/v1.0/me',
      '/store',
      '/',
      '/control/purchases',
      '/control/settings',
      '/control/people',
      '/control/deliveries',
      '/control/calls',
      '/control/breaches',
      '/control/applications',
      '/control/offers/odd',
      '/control/snapshots/odd',
    ),
    fc.constantFrom(
      ...[`/${known.tenantId}`, '/common', '/nobody'].flatMap((tenant) =>
        [
          '/oauth2/token',
          '/oauth2/v2.0/token',
          '/oauth2/v2.0/authorize',
          '/discovery/v2.0/keys',
          '/v2.0/.well-known/openid-configuration',
        ].map((rest) => tenant + rest),
      ),
    ),
    fc.constant('/control/purchases'),
    below(''),
    below('/activate'),
    below('/listAvailablePlans'),
    below('/operations'),
    fc.tuple(subscription, operation).map(([id, operationId]) => `/api/saas/subscriptions/${id}/operations/${operationId}`),
    fc.tuple(subscription, fc.constantFrom(...control)).map(([id, action]) => `/control/subscriptions/${id}/${action}`),
    oddSegment().map((segment) => `/${segment}`),
  );
}

/** Something in the place of an id. */
function oddSegment(): fc.Arbitrary<string> {
  return fc.oneof(
    fc.constantFrom(
      'null',
      'undefined',
      '..',
      '%00',
      '%2e%2e%2f',
      '-1',
      '0',
      randomUUID(),
      '00000000-0000-0000-0000-000000000000',
      '%ff',
      '__proto__',
    ),
    fc.string({ maxLength: 60 }).map(encodeURIComponent),
    fc.integer({ min: 200, max: 5_000 }).map((length) => 'x'.repeat(length)),
  );
}

function queries(): fc.Arbitrary<string> {
  const version = 'api-version=2018-08-31';
  return fc.oneof(
    { arbitrary: fc.constant(`?${version}`), weight: 8 },
    fc.constantFrom(
      '',
      '?api-version=',
      '?api-version=2018-09-15',
      `?${version}&${version}`,
      '?%',
      '?=&=',
      `?api-version[]=1&__proto__[x]=1`,
    ),
    fc
      .constantFrom('continuationToken=x', 'planId=gold', 'limit=-1', 'from=1e99', 'usageStartDate=2026-02-31')
      .map((more) => `?${version}&${more}`),
    fc.string({ maxLength: 200 }).map((text) => `?${version}&q=${encodeURIComponent(text)}`),
  );
}

function headers(known: Known): fc.Arbitrary<Record<string, string>> {
  const authorization = fc.oneof(
    { arbitrary: fc.constant(`Bearer ${known.accessToken}`), weight: 12 },
    fc.constantFrom('', 'Bearer', 'Bearer bnVsbA==', `Bearer ${longToken}`, 'Basic !!!', 'Bearer a.b.c', 'Bearer eyJhbGciOiJub25lIn0.e30.'),
  );
  const token = fc.oneof(
    { arbitrary: fc.constant(known.purchaseToken), weight: 2 },
    fc.constantFrom('', 'bnVsbA==', longToken, known.purchaseToken.replaceAll('+', ' '), encodeURIComponent(known.purchaseToken)),
    fc.base64String({ maxLength: 400 }),
  );
  const type = fc.oneof(
    { arbitrary: fc.constant('application/json'), weight: 5 },
    fc.constantFrom('application/x-www-form-urlencoded', 'text/xml', 'application/json; charset=utf-7', 'x', ';;;'),
  );
  return fc.record({
    authorization,
    'x-ms-marketplace-token': token,
    'content-type': type,
    'x-ms-requestid': fc.base64String({ maxLength: 300 }),
  });
}

/** Bodies that belong somewhere, with one member bent. */
function plausibleBodies(known: Known): fc.Arbitrary<string> {
  const resourceId = known.subscriptionIds[0] as string;
  const usage = { resourceId, quantity: 5, dimension: 'emails', effectiveStartTime: new Date().toISOString(), planId: 'base' };
  const bodies: object[] = [
    { planId: 'gold' },
    { quantity: 20 },
    { status: 'Success' },
    { status: 'Failure' },
    { offerId: 'contoso-team', planId: 'silver', quantity: 2, beneficiary: { emailId: 'zoe@tailspin.example' } },
    { autoAcceptMs: 100, listPageSizeMin: 3 },
    usage,
    { request: [usage, { ...usage, dimension: 'texts' }] },
  ];
  const form = new URLSearchParams({ grant_type: 'client_credentials', client_id: known.clientId, client_secret: known.clientSecret });
  const bent = fc
    .tuple(fc.constantFrom(...bodies), fc.nat(), fc.jsonValue({ maxDepth: 3 }))
    .map(([body, at, value]) => JSON.stringify({ ...body, [Object.keys(body)[at % Object.keys(body).length] as string]: value }));
  return fc.oneof(fc.constantFrom(...bodies.map((body) => JSON.stringify(body)), form.toString()), bent);
}

function hostileBodies(): fc.Arbitrary<string | null> {
  return fc.oneof(
    {
      arbitrary: fc.constantFrom(
        null,
        '',
        'null',
        '[]',
        '{}',
        '0',
        '"text"',
        '{"planId":',
        '\u0000',
        '{"__proto__":{"x":1}}',
        '1e999',
        '﻿{}',
      ),
      weight: 80,
    },
    { arbitrary: fc.json({ maxDepth: 6 }), weight: 80 },
    { arbitrary: fc.integer({ min: 100, max: 20_000 }).map((depth) => '['.repeat(depth) + ']'.repeat(depth)), weight: 20 },
    { arbitrary: fc.integer({ min: 100, max: 5_000 }).map((depth) => '{"request":['.repeat(depth)), weight: 20 },
    { arbitrary: fc.constant(JSON.stringify({ planId: 'x'.repeat(fiveMegabytes) })), weight: 1 },
  );
}
