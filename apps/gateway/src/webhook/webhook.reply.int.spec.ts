import { ServerResponse } from 'node:http';
import { Outbox } from '@landfall/messaging/testing';
import { startGateway, type TestGateway } from '../testing/gateway.fixture';
import { payload, until, webhooksOf } from '../testing/webhook.fixture';
import { ANSWERS_LEFT_WITHIN_MS } from './webhook.inbox';

/** Microsoft is to have the answer before our PATCH (contract 8, pitfall 19), so the relay is told of a webhook that is answered at once after its answer. */

let gateway: TestGateway;
const { post } = webhooksOf(() => gateway);
beforeAll(async () => {
  gateway = await startGateway();
  await post(payload()); // keys are read
});
afterAll(() => gateway.close());
afterEach(() => jest.restoreAllMocks());

const announced = () => gateway.get(Outbox).commits;
/** An answer does not leave before it is let go. */
async function withheldAnswer(signal?: AbortSignal) {
  const begun = Promise.withResolvers<{ announced: number; letGo: () => void }>();
  const end = ServerResponse.prototype.end;
  jest.spyOn(ServerResponse.prototype, 'end').mockImplementationOnce(function (this: ServerResponse, ...given: unknown[]) {
    begun.resolve({ announced: announced(), letGo: () => void Reflect.apply(end, this, given) });
    return this;
  });
  const answering = post(payload(), { ...(signal && { signal }) });
  answering.catch(() => undefined); // a caller that goes is what is tried
  return { answering, ...(await begun.promise) };
}

it('tells the relay when the answers of the batch have left', async () => {
  const times: string[] = [];
  const committed = gateway.get(Outbox).messagesCommitted;
  jest.spyOn(committed, 'raise').mockImplementation(() => void times.push('told'));
  const emit = ServerResponse.prototype.emit;
  jest.spyOn(ServerResponse.prototype, 'emit').mockImplementation(function (this: ServerResponse, ...given) {
    if (given[0] === 'finish') times.push('left');
    return Reflect.apply(emit, this, given) as boolean;
  });
  expect((await post(payload())).status).toBe(200);
  await until(
    () => times.length,
    (count) => count === 2,
  );
  expect(times).toEqual(['left', 'told']);
});

it('does not tell it while an answer is on its way, but for the bound: a slow client holds up nobody', async () => {
  const before = announced();
  const withheld = await withheldAnswer();
  expect(withheld.announced).toBe(before);
  const since = performance.now();
  await until(announced, (commits) => commits > before);
  expect(performance.now() - since).toBeGreaterThan(ANSWERS_LEFT_WITHIN_MS / 2);
  withheld.letGo();
  expect((await withheld.answering).status).toBe(200);
});

it('tells it at once where nobody waits for the answer any more', async () => {
  const [before, leaving] = [announced(), new AbortController()];
  await withheldAnswer(leaving.signal);
  leaving.abort();
  expect(await until(announced, (commits) => commits > before)).toBe(before + 1);
});
