import { limits } from '../../limits';
import { DeliveryLanes, type Place } from './delivery.lanes';

let lanes: DeliveryLanes;

beforeEach(() => {
  lanes = new DeliveryLanes();
});

function fill(perAddress: number): Place[] {
  const places: Place[] = [];
  for (let place = lanes.enter(perAddress); place; place = lanes.enter(perAddress)) places.push(place);
  return places;
}

const idsOf = (places: Place[]) => places.map(({ operationId }) => operationId);

it('lets webhooks of one address out in the order in which they became due', () => {
  for (let id = 0; id < 1_000; id++) lanes.add(String(id), 'a');
  const out: string[] = [];
  while (lanes.size > 0) {
    const places = fill(3);
    out.push(...idsOf(places));
    for (const place of places) lanes.leave(place);
  }
  expect(out).toEqual(Array.from({ length: 1_000 }, (_, id) => String(id)));
});

it('keeps an address whose places are all taken from holding up another', () => {
  for (let id = 0; id < 100; id++) lanes.add(`hanging ${id}`, 'hangs');
  fill(4);
  for (let id = 0; id < 10; id++) lanes.add(`quick ${id}`, 'answers');
  const out: string[] = [];
  for (let place = lanes.enter(4); place; place = lanes.enter(4)) {
    out.push(place.operationId);
    lanes.leave(place);
  }
  expect(out).toHaveLength(10);
  expect(out.every((id) => id.startsWith('quick'))).toBe(true);
  expect(lanes.size).toBe(96);
});

it('gives the addresses their places in turn', () => {
  for (const address of ['a', 'b', 'c']) for (let id = 0; id < 3; id++) lanes.add(`${address}${id}`, address);
  expect(idsOf(fill(10))).toEqual(['a0', 'b0', 'c0', 'a1', 'b1', 'c1', 'a2', 'b2', 'c2']);
});

it('has no more places than may be under way in all', () => {
  for (let id = 0; id < 2 * limits.concurrentDeliveries; id++) lanes.add(String(id), `address ${id % 100}`);
  expect(fill(limits.concurrentDeliveriesPerAddress)).toHaveLength(limits.concurrentDeliveries);
});

it('queues a webhook once, passes over what was taken out, and takes it back at the end', () => {
  for (const id of ['1', '2', '3', '2']) lanes.add(id, 'a');
  expect(lanes.size).toBe(3);
  lanes.remove('1');
  lanes.add('1', 'a');
  lanes.remove('2');
  const out = idsOf(fill(10));
  expect(new Set(out)).toEqual(new Set(['3', '1']));
  expect(out).toHaveLength(2);
});

it('takes another order for what waits', () => {
  for (const id of ['1', '2', '3', '4']) lanes.add(id, 'a');
  const [first] = [lanes.enter(1) as Place];
  lanes.reorder((ids) => [...ids].reverse());
  lanes.leave(first);
  expect(idsOf(fill(10))).toEqual(['4', '3', '2']);
});

it('forgets what waits, but not which places are taken', () => {
  for (const id of ['1', '2', '3']) lanes.add(id, 'a');
  const [place] = fill(1);
  lanes.clear();
  lanes.add('4', 'a');
  expect(fill(1)).toEqual([]);
  lanes.leave(place as Place);
  expect(idsOf(fill(1))).toEqual(['4']);
});
