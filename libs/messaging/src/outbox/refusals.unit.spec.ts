import { Logger } from '@nestjs/common';
import type { PendingMessage } from './outbox.reader';
import { Refusals } from './refusals';

const message: PendingMessage = { partition: 3, topic: 'states', id: '1', key: 'k', messageId: 'm', envelope: '{}' };
const refused = (isPassing: boolean) => ({ messages: [message], by: 'topic' as const, isPassing, reason: 'LEADER_NOT_AVAILABLE' });
const [errors, warnings] = (['error', 'warn'] as const).map((level) =>
  jest.spyOn(Logger.prototype, level).mockImplementation(() => undefined),
);
beforeEach(() => jest.clearAllMocks());

beforeAll(() => jest.useFakeTimers());
afterAll(() => jest.useRealTimers());

it('tries a topic again within a second however often it could not be written for a reason that passes, and raises no error', () => {
  const refusals = new Refusals();
  for (let attempt = 0; attempt < 20; attempt++) {
    refusals.refuse(refused(true));
    expect(refusals.waitingTopics).toEqual(['states']);
    jest.advanceTimersByTime(1001);
    expect(refusals.waitingTopics).toEqual([]);
  }
  expect(warnings).toHaveBeenCalledTimes(20);
  expect(errors).not.toHaveBeenCalled();
});

it('lets a topic that refuses wait for longer and longer, half a minute at most, and names it', () => {
  const refusals = new Refusals();
  const waits = Array.from({ length: 9 }, () => {
    refusals.refuse(refused(false));
    let seconds = 0;
    for (; refusals.waitingTopics.length > 0; seconds += 0.5) jest.advanceTimersByTime(500);
    return seconds;
  });
  expect(waits).toEqual([0.5, 1, 2, 4, 8, 16, 30, 30, 30]);
  expect(errors).toHaveBeenCalledTimes(9);
});
