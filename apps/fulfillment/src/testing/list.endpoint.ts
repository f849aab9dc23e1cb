import { createServer } from 'node:http';

/**
 * Microsoft as the measurement of a sweep needs it, in a process of its own: it signs anybody in, and lists as many subscriptions as `/set?listed=` says, a
 * hundred a page. Each so manieth, by `differs`, has another plan than the record. `/calls` gives the number of calls to the API. Prints its port.
 */
const page = 100;
let [listed, differs, calls] = [0, 0, 0];

const idOf = (number: number) => `00000000-0000-4000-8000-${number.toString(16).padStart(12, '0')}`;
const person = { emailId: 'user@fabrikam.example', objectId: idOf(1), tenantId: idOf(2), puid: '1003200000000000' };
const subscription = (number: number) => ({
  ...{
    id: idOf(number),
    publisherId: 'contoso',
    offerId: 'contoso-saas',
    name: `Subscription ${number}`,
    saasSubscriptionStatus: 'Subscribed',
  },
  ...{ beneficiary: person, purchaser: person, planId: differs && number % differs === 0 ? 'gold' : 'silver', quantity: 10 },
  term: { startDate: '2026-02-14T00:00:00Z', endDate: '2026-03-13T00:00:00Z', termUnit: 'P1M' },
  ...{ autoRenew: true, isTest: false, isFreeTrial: false, allowedCustomerOperations: ['Delete', 'Read', 'Update'], sandboxType: 'None' },
  ...{ created: '2026-02-14T00:07:14.962328Z', lastModified: '0001-01-01T00:00:00' },
});
const upTo = (first: number, last: number) => Array.from({ length: Math.max(0, last - first) }, (_none, at) => subscription(first + at));

const server = createServer((request, answer) => {
  request.resume();
  const url = new URL(request.url ?? '/', origin());
  if (url.pathname.endsWith('/token')) return say({ access_token: 'x'.repeat(900), expires_in: 3_600, token_type: 'Bearer' });
  if (url.pathname === '/calls') return say({ calls });
  if (url.pathname === '/set') {
    const said = url.searchParams;
    [listed, differs] = [Number(said.get('listed')), Number(said.get('differs'))];
    return say({});
  }
  calls += 1;
  if (url.pathname.endsWith('/operations')) return say({ operations: [] });
  const id = /subscriptions\/[0-9a-f-]+-([0-9a-f]{12})$/.exec(url.pathname)?.[1];
  if (id) return say(subscription(parseInt(id, 16)));
  const first = Number(url.searchParams.get('continuationToken') ?? 0);
  const next = first + page;
  say({
    subscriptions: upTo(first, Math.min(next, listed)),
    ...(next < listed && { '@nextLink': `${origin()}/api/saas/subscriptions?continuationToken=${next}&api-version=2018-08-31` }),
  });
  function say(body: unknown): void {
    answer.setHeader('content-type', 'application/json').end(JSON.stringify(body));
  }
});
const origin = () => `http://127.0.0.1:${(server.address() as { port: number }).port}`;
server.listen(0, '127.0.0.1', () => process.stdout.write(`${(server.address() as { port: number }).port}\n`));
