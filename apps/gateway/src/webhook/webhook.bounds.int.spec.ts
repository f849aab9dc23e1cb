import { randomUUID } from 'node:crypto';
import { downgrade, twoGateways } from '../testing/two.gateways.fixture';
import { counted, decided, until, type Payload } from '../testing/webhook.fixture';
import { HELD_LIMIT, HeldAnswers } from './webhook.hold';

/** What a hold may use up, and how it ends where nothing is as it should be. */

const fabrikam = { name: 'fabrikam', tenantId: randomUUID(), clientId: randomUUID(), clientSecretFile: '/nowhere' };
const two = twoGateways({ REGISTRATIONS: JSON.stringify([fabrikam]), LOG_LEVEL: 'silent' });
const { post, sentAbout, stored, answersTo, holding } = two;

const SHARE = HELD_LIMIT / 2; // of two registrations

/** Takes places of a registration while the work runs. */
async function withTaken(count: number, registration: string, work: () => Promise<void>): Promise<void> {
  const leaving = new AbortController();
  const held = two.gateway.get(HeldAnswers);
  for (let place = 0; place < count; place++)
    void held.standingOf({ deliveryId: randomUUID(), registration, limitMs: 600_000, gone: leaving.signal });
  await work().finally(() => leaving.abort());
}

it('a change that finds no place is 503 at once, and lost is nothing: it is on disk, published, and refused when it comes again', async () => {
  const notification = downgrade();
  const overloaded = await counted({ outcome: 'overloaded' });
  await withTaken(SHARE, 'default', async () => {
    const answer = await post(notification);
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '10']);
  });
  expect(await counted({ outcome: 'overloaded' })).toBe(overloaded + 1); // and not `undecided`: it did not wait
  expect(await stored(notification.id)).toMatchObject([{ answer: null, answered_at: null }]);
  expect((await sentAbout(notification.id)).map(({ type }) => type)).toEqual(['landfall.gateway.webhook-received.v1']);
  await two.gateway.deliver(decided(notification, 'refused', 'no'));
  expect((await post(notification)).status).toBe(400);
});

it('while one publisher has taken all its places, a fact of it is taken, and a change of the other is held and decided', async () => {
  two.gateway.identity.addTenant(fabrikam.tenantId);
  const claims = { tid: fabrikam.tenantId, aud: fabrikam.clientId, iss: two.gateway.identity.issuer('2.0', fabrikam.tenantId) };
  const token = await two.gateway.identity.webhookToken(claims);
  await withTaken(SHARE, 'default', async () => {
    expect((await post(downgrade({ action: 'Suspend' }))).status).toBe(200);
    const notification = downgrade();
    const answering = post(notification, { token, path: '/webhook/fabrikam' });
    await two.gateway.deliver(decided(notification, 'refused', 'no', 'fabrikam'));
    expect((await answering).status).toBe(400);
  });
});

it('a database that hangs in the middle of the hold is 503, and what comes again is decided', async () => {
  const notification = downgrade();
  const { answering } = await holding(notification);
  await two.gateway.query('begin');
  await two.gateway.query('lock table gateway.operation_decisions in access exclusive mode');
  try {
    const answer = await answering; // though the lock is kept until then
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '10']);
  } finally {
    await two.gateway.query('rollback');
  }
  await two.gateway.deliver(decided(notification, 'accepted'));
  expect((await post(notification)).status).toBe(200);
});

it('no place is taken for a caller who went while the delivery was stored', async () => {
  const notification = downgrade();
  const leaving = new AbortController();
  await two.gateway.query('begin');
  await two.gateway.query('lock table gateway.webhook_deliveries in access exclusive mode');
  const answering = post(notification, { signal: leaving.signal });
  answering.catch(() => undefined); // its caller has gone: that is what is tried
  await two.gateway.waitingForLocks(1).finally(() => leaving.abort());
  await new Promise((resolve) => setTimeout(resolve, 500)); // the gateway sees it go
  await two.gateway.query('rollback');
  await expect(answering).rejects.toThrow();
  expect(
    await until(
      () => stored(notification.id),
      (rows) => rows.length > 0,
    ),
  ).toHaveLength(1);
  const held = two.gateway.get(HeldAnswers);
  for (let look = 0; look < 20; look++) {
    expect(held.size).toBe(0);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
});

describe('a gateway that runs as a process does', () => {
  type Running = Awaited<ReturnType<typeof two.gateway.started>>;
  let running: Running;
  beforeEach(async () => {
    running = await two.gateway.started();
  });
  afterEach(() => running.stop());

  const held = () => running.get(HeldAnswers).size;
  async function holdingThere(...notifications: Payload[]) {
    const answering = notifications.map((notification) => post(notification, { url: running.url }));
    expect(await until(held, (size) => size === notifications.length)).toBe(notifications.length);
    return answering;
  }

  it('holds an answer longer than any other request may take, 4 s, where its hold is longer', async () => {
    const notification = downgrade();
    const [answering] = await holdingThere(notification);
    await new Promise((resolve) => setTimeout(resolve, 4_500));
    await two.gateway.deliver(decided(notification, 'refused', 'no'));
    expect((await answering)!.status).toBe(400);
  });

  it('gives each answer that it holds when it stops: by the decision that still comes, or 503, and reports what was final', async () => {
    const [refused, accepted, undecided] = [downgrade(), downgrade(), downgrade()];
    const answering = await holdingThere(refused, accepted, undecided);
    const stopping = running.stop();
    await two.gateway.deliver(decided(refused, 'refused', 'no'), decided(accepted, 'accepted'));
    expect((await Promise.all(answering)).map(({ status }) => status)).toEqual([400, 200, 503]);
    await stopping;
    expect(await answersTo(refused.id)).toMatchObject([{ data: { status: 400 } }]);
    expect(await answersTo(accepted.id)).toMatchObject([{ data: { status: 200 } }]);
    expect(await stored(undecided.id)).toMatchObject([{ answer: null, answered_at: null }]);
    await two.gateway.deliver(decided(undecided, 'accepted'));
    expect((await post(undecided)).status).toBe(200);
  });
});
