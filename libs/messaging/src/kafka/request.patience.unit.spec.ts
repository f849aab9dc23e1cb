import { RequestPatience } from './request.patience';

let nowMs: number;
let patience: RequestPatience;
beforeEach(() => {
  nowMs = 1_000_000;
  patience = new RequestPatience(() => nowMs);
});
const after = (ms: number) => {
  nowMs += ms;
  return patience.limitMs;
};

it('doubles where a request took too long, up to a bound', () => {
  const limits = [patience.limitMs];
  for (let request = 0; request < 5; request++) {
    after(patience.limitMs);
    patience.exceeded();
    limits.push(patience.limitMs);
  }
  expect(limits).toEqual([5_000, 10_000, 20_000, 40_000, 40_000, 40_000]);
});

it('doubles once for all requests that were under way together', () => {
  for (let request = 0; request < 8; request++) patience.exceeded();
  expect(after(100)).toBe(10_000);
  patience.exceeded();
  expect(after(100)).toBe(10_000);
});

it('halves each minute in which nothing took too long', () => {
  patience.exceeded();
  after(10_000);
  patience.exceeded();
  expect([after(59_999), after(1), after(60_000), after(3_600_000)]).toEqual([20_000, 10_000, 5_000, 5_000]);
});
