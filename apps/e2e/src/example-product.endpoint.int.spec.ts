import { randomBytes, randomUUID } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import { ExampleEndpoint } from './example-product.endpoint';

const [current, next, foreign] = [1, 2, 3].map(() => `whsec_${randomBytes(32).toString('base64')}`) as [string, string, string];
const question = { subscriptionId: randomUUID(), planId: 'gold' };
let endpoint: ExampleEndpoint;

beforeEach(async () => (endpoint = await ExampleEndpoint.start([current, next])));
afterEach(() => endpoint.stop());

function ask({ secret = current, body = JSON.stringify(question), signal }: { secret?: string; body?: string; signal?: AbortSignal } = {}) {
  const [id, at] = [randomUUID(), new Date()];
  const headers = {
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
    'webhook-signature': new Webhook(secret).sign(id, at, JSON.stringify(question)),
  };
  return fetch(endpoint.url, { method: 'POST', headers, body, signal: signal ?? null });
}

it.each([
  ['allows', { allowed: true }],
  ['vetoes', { allowed: false, reason: 'Thirty people work in it.' }],
  ['lies', { allowed: 'perhaps' }],
] as const)('the product %s where a test wants it to', async (opinion, said) => {
  endpoint.opinion = opinion;
  const answer = await ask();
  expect([answer.status, await answer.json()]).toEqual([200, said]);
  expect(endpoint.asked).toEqual([{ id: expect.any(String), question }]);
});

it('has an opinion of its own about a subscription', async () => {
  endpoint.opinions.set(question.subscriptionId, 'vetoes');
  expect(await (await ask()).json()).toMatchObject({ allowed: false });
});

it('takes a question and says nothing while it is silent, and nothing yet while it is slow', async () => {
  endpoint.slowMs = 60_000;
  for (const opinion of ['is-silent', 'is-slow'] as const) {
    endpoint.opinion = opinion;
    const before = endpoint.asked.length;
    const impatience = new AbortController();
    const answer = ask({ signal: impatience.signal });
    while (endpoint.asked.length === before) await new Promise((resolve) => setTimeout(resolve, 10));
    impatience.abort();
    await expect(answer).rejects.toThrow('aborted');
  }
  endpoint.slowMs = 10;
  expect(await (await ask()).json()).toEqual({ allowed: true }); // late, and then it says yes
});

it('accepts both secrets of a rotation, and answers nobody else', async () => {
  const answers = [await ask(), await ask({ secret: next }), await ask({ secret: foreign }), await ask({ body: '{"planId":"silver"}' })];
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 401, 401]);
  expect([endpoint.asked.length, endpoint.foreign]).toEqual([2, 2]);
});
