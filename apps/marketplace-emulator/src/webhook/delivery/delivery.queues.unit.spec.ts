import { limits } from '../../limits';
import { DeliveryQueues, type Slot } from './delivery.queues';

let queues: DeliveryQueues;

beforeEach(() => {
  queues = new DeliveryQueues();
});

function fill(perAddress: number): Slot[] {
  const slots: Slot[] = [];
  for (let slot = queues.acquire(perAddress); slot; slot = queues.acquire(perAddress)) slots.push(slot);
  return slots;
}

const idsOf = (slots: Slot[]) => slots.map(({ operationId }) => operationId);

it('lets webhooks of one address out in the order in which they became due', () => {
  for (let id = 0; id < 1_000; id++) queues.add(String(id), 'a');
  const out: string[] = [];
  while (queues.size > 0) {
    const slots = fill(3);
    out.push(...idsOf(slots));
    for (const slot of slots) queues.release(slot);
  }
  expect(out).toEqual(Array.from({ length: 1_000 }, (_, id) => String(id)));
});

it('keeps an address whose slots are all taken from holding up another', () => {
  for (let id = 0; id < 100; id++) queues.add(`hanging ${id}`, 'hangs');
  fill(4);
  for (let id = 0; id < 10; id++) queues.add(`quick ${id}`, 'answers');
  const out: string[] = [];
  for (let slot = queues.acquire(4); slot; slot = queues.acquire(4)) {
    out.push(slot.operationId);
    queues.release(slot);
  }
  expect(out).toHaveLength(10);
  expect(out.every((id) => id.startsWith('quick'))).toBe(true);
  expect(queues.size).toBe(96);
});

it('gives the addresses their slots in turn', () => {
  for (const address of ['a', 'b', 'c']) for (let id = 0; id < 3; id++) queues.add(`${address}${id}`, address);
  expect(idsOf(fill(10))).toEqual(['a0', 'b0', 'c0', 'a1', 'b1', 'c1', 'a2', 'b2', 'c2']);
});

it('has no more slots than may be under way in all', () => {
  for (let id = 0; id < 2 * limits.concurrentDeliveries; id++) queues.add(String(id), `address ${id % 100}`);
  expect(fill(limits.concurrentDeliveriesPerAddress)).toHaveLength(limits.concurrentDeliveries);
});

it('queues a webhook once, passes over what was taken out, and takes it back at the end', () => {
  for (const id of ['1', '2', '3', '2']) queues.add(id, 'a');
  expect(queues.size).toBe(3);
  queues.remove('1');
  queues.add('1', 'a');
  queues.remove('2');
  const out = idsOf(fill(10));
  expect(new Set(out)).toEqual(new Set(['3', '1']));
  expect(out).toHaveLength(2);
});

it('takes another order for what waits', () => {
  for (const id of ['1', '2', '3', '4']) queues.add(id, 'a');
  const [first] = [queues.acquire(1) as Slot];
  queues.reorder((ids) => [...ids].reverse());
  queues.release(first);
  expect(idsOf(fill(10))).toEqual(['4', '3', '2']);
});

it('forgets what waits, but not which slots are taken', () => {
  for (const id of ['1', '2', '3']) queues.add(id, 'a');
  const [slot] = fill(1);
  queues.clear();
  queues.add('4', 'a');
  expect(fill(1)).toEqual([]);
  queues.release(slot as Slot);
  expect(idsOf(fill(1))).toEqual(['4']);
});
