import fc from 'fast-check';
import { Pool } from 'undici';
import { Publisher, tokenIn } from '../testing/publisher';
import { oddRequests, type Known, type OddRequest } from './odd.requests';

fc.configureGlobal({ seed: 1 });

const requests = 10_000;
const atOnce = 16;
/** An answer that takes longer counts as none. The slowest are bodies of five megabytes, on a machine that has other things to do. */
const limitMs = 10_000;
const seed = Number(process.env['ODD_REQUESTS_SEED'] ?? 20_180_831);

let publisher: Publisher;

beforeAll(async () => {
  publisher = await Publisher.start();
});

afterAll(() => publisher.stop());

async function world(): Promise<Known> {
  const subscriptionIds = [
    await publisher.subscribe({ offerId: 'contoso-reach' }),
    await publisher.subscribe({ planId: 'silver', quantity: 5 }),
    await publisher.subscribe({ channel: 'csp' }),
    await publisher.buy(),
  ];
  const suspended = await publisher.subscribe();
  await publisher.control('POST', `/subscriptions/${suspended}/suspend`);
  const { operationId } = (await publisher.control('POST', `/subscriptions/${subscriptionIds[1]}/change-plan`, { planId: 'gold' })).body;
  const { landingUrl } = (await publisher.control('POST', '/purchases')).body;
  const { tenantId, clientId, clientSecret } = publisher.emulator;
  return {
    subscriptionIds: [...subscriptionIds, suspended],
    operationIds: [operationId],
    accessToken: await publisher.token(),
    purchaseToken: tokenIn(landingUrl),
    tenantId,
    clientId,
    clientSecret,
  };
}

it(`answers ${requests} valid, odd and hostile requests, none with a fault of its own, none too late`, async () => {
  const pool = new Pool(new URL(publisher.emulator.apiUrl).origin, { connections: atOnce });
  const waiting = fc.sample(oddRequests(await world()), { numRuns: requests, seed });
  const statuses = new Map<number, number>();
  const wrong: string[] = [];
  const work = async () => {
    for (let request = waiting.pop(); request; request = waiting.pop()) {
      const outcome = await answerTo(pool, request);
      if (typeof outcome === 'number' && outcome < 500) statuses.set(outcome, (statuses.get(outcome) ?? 0) + 1);
      else wrong.push(`${outcome} to ${described(request)}`);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  await pool.destroy();

  expect(wrong.slice(0, 10)).toEqual([]);
  // not all requests were refused before they were carried out
  for (const status of [200, 201, 202, 400, 403, 404, 409, 413]) expect([status, statuses.get(status) ?? 0]).not.toEqual([status, 0]);
  await publisher.control('POST', '/reset');
  await publisher.subscribe(); // and everything still works
});

async function answerTo(pool: Pool, { method, path, headers, body }: OddRequest): Promise<number | string> {
  try {
    const hasBody = method !== 'GET' && method !== 'HEAD';
    const answer = await pool.request({
      method,
      path,
      headers,
      body: hasBody ? body : null,
      headersTimeout: limitMs,
      bodyTimeout: limitMs,
    });
    await answer.body.dump();
    return answer.statusCode;
  } catch (error) {
    return String(error);
  }
}

function described({ method, path, headers, body }: OddRequest): string {
  const authorization = (headers['authorization'] ?? '').slice(0, 20);
  return `${method} ${path.slice(0, 200)} (${authorization}, ${headers['content-type']}) ${String(body).slice(0, 200)}`;
}
