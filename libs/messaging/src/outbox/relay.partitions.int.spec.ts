import { openSession } from '@landfall/service-defaults';
import type { Client } from 'pg';
import { startLedger, type LedgerApp } from '../fixtures/ledger.app';
import { entries, entryAdded } from '../fixtures/ledger.contract';
import { ledgerDatabase, type LedgerDatabase } from '../fixtures/ledger.database';
import { sent } from '../fixtures/messages';
import { PartitionSetting } from './partition.setting';
import { RelayPartitions } from './relay.partitions';

let database: LedgerDatabase;
let writer: LedgerApp;
const sessions: Client[] = [];
beforeAll(async () => {
  database = await ledgerDatabase();
  writer = await startLedger({ url: database.serviceUrl });
  await writer.get(PartitionSetting).establish();
  const accounts = Array.from({ length: 24 }, (_, index) => `held-${index}`);
  await writer.driver.deliver(
    entries,
    accounts.map((account) => sent(entryAdded({ account, amount: 1 }))),
  );
});
afterEach(() => Promise.all(sessions.splice(0).map((session) => session.end())));
afterAll(async () => {
  await writer?.stop();
  await database?.drop();
});

async function partitionsOf(name: string): Promise<{ partitions: RelayPartitions; pid: number }> {
  const session = openSession(writer.dataSource, name);
  sessions.push(session);
  await session.connect();
  const { rows } = await session.query<{ pid: number }>('select pg_backend_pid() as pid');
  return { partitions: new RelayPartitions(session, 'ledger'), pid: rows[0]!.pid };
}
const late = { waitingMs: expect.any(Number) as number };

it('names the session that messages wait for, such as one of a host that vanished, and says where nobody holds them', async () => {
  const here = await partitionsOf('ledger relay');
  expect(await here.partitions.heldElsewhere(0)).toEqual([
    { held: '0,1,2,3,4,5,6,7', ...late, pid: null, application: null, since: null, address: null },
  ]);
  const gone = await partitionsOf('ledger relay, gone');
  await gone.partitions.join();
  await here.partitions.join();
  await gone.partitions.balance(); // half of them
  await here.partitions.balance();
  expect(await here.partitions.heldElsewhere(0)).toEqual([
    {
      held: [...gone.partitions.owned].sort().join(','),
      ...late,
      pid: gone.pid,
      application: 'ledger relay, gone',
      since: expect.any(Date) as Date,
      address: '127.0.0.1',
    },
  ]);
  expect(await here.partitions.heldElsewhere(3_600_000)).toEqual([]);
});

it('wakes the relays of other copies, which look by themselves only now and then', async () => {
  const [here, there] = [await partitionsOf('ledger relay'), await partitionsOf('ledger relay, there')];
  await here.partitions.join();
  await here.partitions.balance();
  expect(here.partitions.areShared).toBe(false);
  await there.partitions.join();
  const woken = new Promise((resolve) => sessions.at(-1)!.once('notification', resolve));
  await here.partitions.balance();
  expect(here.partitions.areShared).toBe(true);
  await here.partitions.notify();
  expect(await woken).toMatchObject({ channel: 'ledger_outbox' });
});
