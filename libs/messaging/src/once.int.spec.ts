import { startLedger, type LedgerApp } from './fixtures/ledger.app';
import { entries, entryAdded } from './fixtures/ledger.contract';
import { ledgerDatabase, type LedgerDatabase } from './fixtures/ledger.database';
import { sent } from './fixtures/messages';

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

const total = async (account: string) =>
  (await database.query<{ total: number }>('select total from ledger.accounts where id = $1', [account]))[0]?.total;

it('does once what is delivered twice: in one batch, in two, and at the same time', async () => {
  const message = sent(entryAdded({ account: 'a', amount: 5 }));
  await app.driver.deliver(entries, [message, message]);
  await app.driver.deliver(entries, [message]);
  const other = sent(entryAdded({ account: 'a', amount: 7 }));
  await Promise.all([1, 2, 3, 4].map(() => app.driver.deliver(entries, [other, message])));
  expect(await total('a')).toBe(12);
  const { envelopes } = await app.driver.sent('0');
  expect(envelopes).toMatchObject([{ data: { total: 5 } }, { data: { total: 12 } }]);
});
