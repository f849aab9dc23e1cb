import { DueQueue } from './due.queue';

function takeAll(queue: DueQueue, nowMs: number): string[] {
  const taken: string[] = [];
  for (let entry = queue.takeDue(nowMs); entry; entry = queue.takeDue(nowMs)) taken.push(entry.id);
  return taken;
}

/** 500 entries in no order, most due times twice. */
function aQueue(): { queue: DueQueue; dueTimes: number[] } {
  const queue = new DueQueue();
  const dueTimes = Array.from({ length: 500 }, (_, index) => (index * 7_919) % 251);
  dueTimes.forEach((dueAtMs, index) => queue.add(String(index), dueAtMs));
  return { queue, dueTimes };
}

it('gives out what is due in the order of due times, what came first first among equals, and nothing that is not due', () => {
  const { queue, dueTimes } = aQueue();
  const due = dueTimes.map((dueAtMs, index) => ({ id: String(index), dueAtMs })).filter(({ dueAtMs }) => dueAtMs <= 150);
  const inOrder = due.sort((one, other) => one.dueAtMs - other.dueAtMs); // stable
  expect(takeAll(queue, 150)).toEqual(inOrder.map(({ id }) => id));
  expect(queue.first()?.dueAtMs).toBe(151);
});

it('keeps its order when it forgets what is not wanted', () => {
  const { queue, dueTimes } = aQueue();
  queue.keep(({ id }) => Number(id) % 3 === 0);
  expect(queue.size).toBe(167);
  const taken = takeAll(queue, Infinity);
  expect(taken.map((id) => Number(id) % 3)).toEqual(taken.map(() => 0));
  expect(taken.map((id) => dueTimes[Number(id)])).toEqual([...taken].map((id) => dueTimes[Number(id)] as number).sort((a, b) => a - b));
});

it('is empty when everything was taken', () => {
  const queue = new DueQueue();
  queue.add('only', 1);
  expect([queue.takeDue(1)?.id, queue.takeDue(1), queue.first(), queue.size]).toEqual(['only', undefined, undefined, 0]);
});
