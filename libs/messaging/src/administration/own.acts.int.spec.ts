import { randomUUID } from 'node:crypto';
import { startLedger, type LedgerApp } from '../fixtures/ledger.app';
import { totalChanged } from '../fixtures/ledger.contract';
import { ledgerDatabase, type LedgerDatabase } from '../fixtures/ledger.database';
import { lockAccounts, saveAccounts, type Account } from '../fixtures/ledger.service';
import { changed, refused, type Outcome } from '../handlers/outcome';
import { notKnown } from './act/act.errors';
import { OperatorActRepository } from './act/operator-act.repository';
import { OperatorActs } from './act/operator-acts';

let database: LedgerDatabase;
let app: LedgerApp;
beforeAll(async () => {
  database = await ledgerDatabase();
  app = await startLedger({ url: database.serviceUrl });
});
afterAll(async () => {
  await app?.stop();
  await database?.drop();
});

const by = (idempotencyKey: string = randomUUID(), reason = 'they asked for it') => ({
  ...{ actor: 'operator-1', reason, idempotencyKey, correlationId: 'c-1' },
});
const doubled = ({ id, total, version }: Account): Outcome<Account> =>
  changed({ id, total: total * 2, version: version + 1 }, totalChanged({ account: id, total: total * 2, version: version + 1 }));
/** Doubles an account. */
const double = (key: string, act = by(), decide: (account: Account) => Outcome<Account> = doubled) =>
  app.get(OperatorActs).perform('account.double', `accounts/${key}`, act, {
    ...{ key, decide, seen: ({ total }: Account) => ({ total }) },
    load: (tx) => lockAccounts(tx, [key]),
    save: saveAccounts,
  });

async function opened(): Promise<string> {
  const id = randomUUID();
  await database.query('insert into ledger.accounts (id, total, version) values ($1, 5, 1)', [id]);
  return id;
}
const totalOf = async (id: string) =>
  (await database.query<{ total: number }>('select total from ledger.accounts where id = $1', [id]))[0]?.total;
const sentFor = async (id: string) => (await database.query('select from ledger.outbox where key = $1', [id])).length;
const recordedFor = async (id: string) => (await app.get(OperatorActRepository).list({ subject: `accounts/${id}`, limit: 10 })).items;

describe('an act of an operator on what the service owns', () => {
  it('writes the state, its messages and the record of who did it, what it was and what it became', async () => {
    const id = await opened();
    const recorded = await double(id);
    expect(recorded).toMatchObject({ act: 'account.double', actor: 'operator-1', before: { total: 5 }, after: { total: 10 } });
    expect([await totalOf(id), await sentFor(id), await recordedFor(id)]).toEqual([10, 1, [recorded]]);
  });

  it('is done once under its idempotency key, also where both are sent at the same moment', async () => {
    const id = await opened();
    const act = by();
    const [one, other] = await Promise.all([double(id, act), double(id, act)]);
    expect(one).toEqual(other);
    expect([await totalOf(id), await sentFor(id)]).toEqual([10, 1]);
    await expect(double(id, { ...act, reason: 'another' })).rejects.toMatchObject({ code: 'IDEMPOTENCY_KEY_REUSED' });
  });

  it.each<[string, Parameters<typeof double>[2], string]>([
    ['the decision is no', () => refused('it is closed'), 'REFUSED'],
    ['the state cannot be written', ({ id, version }) => changed({ id, total: -1, version }), '23514'],
  ])('leaves nothing behind where %s', async (_case, decide, code) => {
    const id = await opened();
    await expect(double(id, by(), decide)).rejects.toMatchObject({ code });
    expect([await totalOf(id), await sentFor(id), await recordedFor(id)]).toEqual([5, 0, []]);
  });

  it('finds nothing where there is nothing', async () => {
    await expect(double('nobody')).rejects.toMatchObject({ code: 'NOT_FOUND', message: 'Landfall does not know account nobody' });
    const names = Array.from({ length: 12 }, (_, at) => `n${at}`);
    expect(notKnown('account', 'nobody', names)).toBe(
      'Landfall does not know account nobody. There is n0, n1, n2, n3, n4, n5, n6, n7, n8, n9 and 2 more',
    );
  });
});
