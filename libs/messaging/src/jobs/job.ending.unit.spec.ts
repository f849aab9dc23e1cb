import { pay } from '../fixtures/ledger.contract';
import { Overloaded } from '../micro-batch';
import { TransactionOverdue } from '../transaction';
import type { Completion } from './job.ended';
import { endingOf } from './job.ending';
import type { JobRow } from './job.repository';

const hour = 3_600_000;
const row = (failures: number, ageMs = hour): JobRow => ({
  ...{ id: '6dbb9b1e-9d21-4a58-9e36-6d6ad5d2c2a1', kind: pay.kind, key: 'a', payload: '{}', attempts: 1, failures, ageMs },
  ...{ isRetried: false, deadline: null, createdAt: new Date(0), causationId: 'c', correlationId: 'c', traceparent: null },
});
const steady = { next: () => 0.5 };
const after = (error: Error, { failures, ageMs }: { failures: number; ageMs?: number }) =>
  endingOf(row(failures, ageMs), pay, { data: { account: 'a', amount: 1 } }, { error }, 0, steady) as Completion;
const coded = (code: string) => Object.assign(new Error('as Postgres says it'), { code });

it.each([
  ['the transaction took longer than its caller waits', new TransactionOverdue('not committed within 3500 ms')],
  ['a micro-batch was full or hung', new Overloaded('not committed within 3500 ms')],
  ['the session was cut', coded('57P01')],
  ['nobody listened', coded('ECONNREFUSED')],
])('counts no failure while the database is away: %s', (_case, error) => {
  const { ending, next } = after(error, { failures: pay.limits.failures - 1 });
  expect(ending).toBe('failed');
  expect(next).toMatchObject({ state: 'ready', isFailure: false, at: { afterMs: 5000 } });
});

it('keeps no address in a reason, since an erasure may have gone by while the job ran', () => {
  const said = new Error(`${'x'.repeat(400)} no mailbox grace@fabrikam.example`);
  for (const failures of [0, pay.limits.failures - 1]) {
    const { next } = after(said, { failures });
    expect(next?.reason).toContain('no mailbox erased');
  }
});

it('counts what is always too slow, at once or after a day, since no outage lasts for ever', () => {
  for (const ended of [
    after(coded('57014'), { failures: 2 }),
    after(new TransactionOverdue('not committed within 3500 ms'), { failures: 2, ageMs: 24 * hour + 1 }),
  ]) {
    expect(ended.ending).toBe('dead');
    expect(ended.next?.reason).toContain('given up after 3 failures');
  }
});
