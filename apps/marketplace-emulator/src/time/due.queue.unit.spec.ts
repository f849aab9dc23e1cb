import { DueQueue } from './due.queue';

it('gives out what is due in the order of due times, and nothing that is not', () => {
  const queue = new DueQueue();
  const dueTimes = Array.from({ length: 500 }, (_, index) => (index * 7_919) % 1_009);
  dueTimes.forEach((dueAtMs, index) => queue.add(String(index), dueAtMs));
  const taken: number[] = [];
  for (let id = queue.takeDue(600); id !== undefined; id = queue.takeDue(600)) taken.push(dueTimes[Number(id)] as number);
  expect(taken).toEqual(dueTimes.filter((dueAtMs) => dueAtMs <= 600).sort((one, other) => one - other));
  expect(queue.firstDueAtMs()).toBeGreaterThan(600);
});

it('is empty when everything was taken', () => {
  const queue = new DueQueue();
  queue.add('only', 1);
  expect([queue.takeDue(1), queue.takeDue(1), queue.firstDueAtMs()]).toEqual(['only', undefined, undefined]);
});
