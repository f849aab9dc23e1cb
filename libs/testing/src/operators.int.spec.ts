import { randomUUID } from 'node:crypto';
import { activate } from '@landfall/contracts';
import { register } from '@landfall/service-defaults';
import { CountingModule, migrations } from './fixtures/counting.module';
import { operatorOf, PROBLEM, type Item, type Page } from './fixtures/operator';
import { Partner } from './fixtures/partner';
import { testApp } from './index';

const answers = new Map<string, string>();
const partner = { refuse: (id: string) => Promise.resolve(answers.get(id) ?? 'out of stock') };
const app = testApp(CountingModule, { schema: 'counting', migrations, env: { GREETING: 'hello' }, overrides: [[Partner, partner]] });
const operator = operatorOf(app);
const reader = operatorOf(app, 'landfall.read', 'reader-1');

const order = (planId: string, subscriptionId: string = randomUUID()) => activate({ subscriptionId, planId, quantity: 1, version: 1 });
const letters = async (query = '') => (await reader.get<Page<Item>>(`/dead-letters${query}`)).body;
const jobs = async (query = '') => (await reader.get<Page<Item>>(`/jobs${query}`)).body;
const letterOf = async (key: string) => (await letters(`?key=${encodeURIComponent(key)}`)).items[0]!;
const acts = async (subject: string) => (await reader.get<Page<Item>>(`/operator-acts?subject=${encodeURIComponent(subject)}`)).body.items;

beforeEach(async () => {
  for (const table of ['dead_letter', 'blocked_key', 'job']) await app.query(`delete from counting.${table}`);
});

/** A job that died, and one behind it. */
async function aDeadJob(): Promise<string> {
  const draft = order('silver');
  answers.set(draft.key, 'never');
  await app.deliver(draft, order('silver', draft.key));
  await app.perform();
  return draft.key;
}

describe('dead jobs', () => {
  it('are listed and shown without their payload', async () => {
    const keys = [await aDeadJob(), await aDeadJob(), await aDeadJob()];
    const first = await jobs('?limit=2');
    const second = await jobs(`?state=dead&limit=2&after=${first.next}`);
    expect([...first.items, ...second.items].map(({ key }) => key)).toEqual(keys);
    expect(second.next).toBeNull();
    const [job] = first.items;
    expect(job).toMatchObject({ kind: 'ask', state: 'dead', reason: 'the partner will never do it', attempts: 1, behind: 1 });
    expect((await reader.get(`/jobs/${job!.id}`)).body).toEqual(job);
    expect(JSON.stringify(job)).not.toMatch(/payload|subscriptionId/);
    expect((await jobs('?state=ready')).items).toHaveLength(3);
    expect(await operator.get('/jobs?state=lost')).toMatchObject({ status: 400 });
  });

  it('are retried, and hold their key until then', async () => {
    const key = await aDeadJob();
    expect(await app.perform()).toBe(0);
    const { id } = (await jobs()).items[0]!;
    answers.delete(key);
    expect(await operator.act(`/jobs/${id}/retry`)).toMatchObject({
      status: 200,
      body: { act: 'job.retry', before: { state: 'dead' }, after: { state: 'ready' } },
    });
    expect([await app.perform(), await app.perform(), await app.jobs()]).toEqual([1, 1, []]);
  });

  it('are discarded, and the next one of their key goes on', async () => {
    const key = await aDeadJob();
    const { id } = (await jobs()).items[0]!;
    const [next] = (await jobs('?state=ready')).items;
    answers.delete(key);
    expect(await operator.act(`/jobs/${id}/discard`)).toMatchObject({
      status: 200,
      body: { act: 'job.discard', after: { next: next?.id } },
    });
    expect([await app.perform(), await app.jobs()]).toEqual([1, []]);
    expect(await acts(`jobs/${id}`)).toMatchObject([{ act: 'job.discard', before: { kind: 'ask', key } }]);
  });

  it('are told apart from those that live and those that are not there', async () => {
    await aDeadJob();
    const [ready] = (await jobs('?state=ready')).items;
    for (const act of ['retry', 'discard']) {
      expect(await operator.act(`/jobs/${ready!.id}/${act}`)).toMatchObject({
        ...{ status: 409, type: PROBLEM, body: { code: 'NOT_DEAD', detail: `Job ${ready!.id} is not dead: it is ready` } },
      });
      expect(await operator.act(`/jobs/${randomUUID()}/${act}`)).toMatchObject({ status: 404, type: PROBLEM, body: { code: 'NOT_FOUND' } });
      expect(await operator.act(`/jobs/17/${act}`)).toMatchObject({ status: 400, type: PROBLEM });
    }
    expect(await reader.get(`/jobs/${randomUUID()}`)).toMatchObject({ status: 404, type: PROBLEM });
  });
});

describe('an act', () => {
  const aLetter = async () => {
    const draft = order('broken');
    await app.tryDeliver(draft, order('broken', draft.key));
    return (await letterOf(draft.key)).id;
  };

  it('under a known idempotency key has the first answer and does nothing, also at the same time', async () => {
    const id = await aLetter();
    const body = { reason: 'a test order' };
    const answers = await Promise.all(Array.from({ length: 4 }, () => operator.act<Item>(`/dead-letters/${id}/discard`, body, `k-${id}`)));
    answers.push(await operator.act<Item>(`/dead-letters/${id}/discard`, body, `k-${id}`));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
    expect(new Set(answers.map((answer) => JSON.stringify(answer.body))).size).toBe(1);
    expect([(await letters()).items.map(({ messages }) => messages), (await acts(`dead-letters/${id}`)).length]).toEqual([[1], 1]);
  });

  it('is refused under a key that belongs to another act: another subject, reason, operator or way', async () => {
    const [id, other] = [await aLetter(), await aLetter()];
    await operator.act(`/dead-letters/${id}/retry`, { reason: 'one' }, 'taken');
    const others = [
      operator.act(`/dead-letters/${other}/retry`, { reason: 'one' }, 'taken'),
      operator.act(`/dead-letters/${id}/retry`, { reason: 'two' }, 'taken'),
      operator.act(`/dead-letters/${id}/discard`, { reason: 'one' }, 'taken'),
      operatorOf(app, 'landfall.operate', 'operator-2').act(`/dead-letters/${id}/retry`, { reason: 'one' }, 'taken'),
    ];
    for (const answer of await Promise.all(others))
      expect(answer).toMatchObject({ status: 422, type: PROBLEM, body: { code: 'IDEMPOTENCY_KEY_REUSED' } });
    expect((await letters()).items.map(({ messages }) => messages)).toEqual([2, 2]);
  });

  it.each<[string, unknown, string]>([
    ['without a body', null, 'k'],
    ['with a body that is null', 'null', 'k'],
    ['without a reason', {}, 'k'],
    ['with an empty reason', { reason: ' \t ' }, 'k'],
    ['with a reason of 501 characters', { reason: 'x'.repeat(501) }, 'k'],
    ['with a reason that holds a NUL', { reason: 'a\0b' }, 'k'],
    ['with a reason that holds half a character', { reason: 'a\ud800b' }, 'k'],
    ['with a reason that is no text', { reason: 7 }, 'k'],
    ['with more than a reason', { reason: 'x', actor: 'somebody else' }, 'k'],
    ['without an idempotency key', { reason: 'x' }, ''],
    ['with an idempotency key of 201 characters', { reason: 'x' }, 'k'.repeat(201)],
    ['with an idempotency key that is not printable', { reason: 'x' }, 'k\u00fc'],
  ])('is not done %s', async (_, body, key) => {
    const id = await aLetter();
    expect(await operator.act(`/dead-letters/${id}/discard`, body, key)).toMatchObject({ status: 400, type: PROBLEM });
    expect([(await letters()).items.map(({ messages }) => messages), await acts(`dead-letters/${id}`)]).toEqual([[2], []]);
  });

  it('needs the role to operate; a reader reads, an administrator does both, and nobody else anything', async () => {
    const id = await aLetter();
    const administrator = operatorOf(app, 'landfall.admin', 'admin-1');
    const paths = ['/dead-letters', `/dead-letters/${id}`, '/jobs', '/operator-acts'];
    for (const path of paths) {
      expect([(await reader.get(path)).status, (await operator.get(path)).status, (await administrator.get(path)).status]).toEqual([
        200, 200, 200,
      ]);
      expect((await app.management({ url: path })).statusCode).toBe(401);
    }
    for (const path of [
      `/dead-letters/${id}/retry`,
      `/dead-letters/${id}/discard`,
      `/jobs/${randomUUID()}/retry`,
      `/jobs/${randomUUID()}/discard`,
    ]) {
      expect(await reader.act(path)).toMatchObject({ status: 403, type: PROBLEM });
      expect(
        (await app.management({ method: 'POST', url: path, payload: { reason: 'x' }, headers: { 'idempotency-key': 'n' } })).statusCode,
      ).toBe(401);
    }
    expect((await administrator.act(`/dead-letters/${id}/retry`)).status).toBe(200);
    expect(await acts(`dead-letters/${id}`)).toMatchObject([{ actor: 'admin-1' }]);
  });

  it('is counted, and its record is read the newest first, page by page', async () => {
    const id = await aLetter();
    const metric = async (outcome: string) =>
      (await register.getSingleMetric('operator_acts_total')!.get()).values.find(
        ({ labels }) => labels['act'] === 'dead-letter.retry' && labels['outcome'] === outcome,
      )?.value ?? 0;
    const metrics = () => Promise.all(['done', 'repeated', 'refused', 'failed'].map(metric));
    const before = await metrics();
    for (const key of ['c-1', 'c-2', 'c-3', 'c-3']) await operator.act(`/dead-letters/${id}/retry`, { reason: 'again' }, key);
    await operator.act('/dead-letters/999999/retry');
    await operator.act(`/dead-letters/${id}/retry`, { reason: 'another' }, 'c-3');
    await app.query(`alter table counting.operator_act add constraint none check (reason <> 'not kept') not valid`);
    await operator.act(`/dead-letters/${id}/retry`, { reason: 'not kept' });
    await app.query('alter table counting.operator_act drop constraint none');
    expect((await metrics()).map((count, index) => count - before[index]!)).toEqual([3, 1, 2, 1]);
    const first = (await reader.get<Page<Item>>('/operator-acts?limit=2&actor=operator-1')).body;
    const second = (await reader.get<Page<Item>>(`/operator-acts?limit=2&actor=operator-1&after=${first.next}`)).body;
    expect([...first.items, ...second.items].slice(0, 3).map((act) => act['idempotencyKey'])).toEqual(['c-3', 'c-2', 'c-1']);
  });
});
