import { Pace } from './pace';

/** Lets calls leave as soon as they may until `untilMs`, and gives how many left. */
function leaving(pace: Pace, fromMs: number, untilMs: number): number {
  let count = 0;
  for (let atMs = pace.opensAtMs(fromMs); atMs < untilMs; atMs = pace.opensAtMs(atMs)) {
    pace.left(atMs);
    count += 1;
  }
  return count;
}

/** 400 calls leave in a second, at the end of which Microsoft says that this was too much. */
function throttled(fromMs = 1_000): Pace {
  const pace = new Pace();
  for (let call = 0; call < 400; call += 1) pace.left(call * 2.5);
  pace.throttled(999, 1_000, fromMs);
  return pace;
}

it('holds nothing back until Microsoft says that there are too many calls', () => {
  const pace = new Pace();
  for (let call = 0; call < 10_000; call += 1) {
    expect(pace.opensAtMs(5)).toBe(5);
    pace.left(5);
  }
  expect(pace.perSecond(5)).toBeNull();
});

it('falls to half of what left in a second', () => {
  const pace = throttled();
  expect(pace.perSecond(1_000)).toBe(200);
  const left = leaving(pace, 1_000, 2_000);
  expect(left).toBeGreaterThanOrEqual(200);
  expect(left).toBeLessThan(240); // with what it rises in that second, and what it may catch up
});

it('rises by ten a second, and bounds nothing any more in the end', () => {
  const pace = throttled();
  expect(pace.perSecond(2_000)).toBe(210);
  expect(pace.perSecond(80_999)).toBeCloseTo(1_000, 0);
  expect(pace.perSecond(81_000)).toBeNull();
});

it('falls once for all calls that had left before, and again where it is still too much', () => {
  const pace = throttled();
  for (let call = 0; call < 50; call += 1) pace.throttled(990, 1_010, 1_010);
  expect(pace.perSecond(1_000)).toBe(200);
  pace.throttled(1_000, 1_020, 1_020);
  expect(pace.perSecond(1_020)).toBeCloseTo(100, 0);
});

it('falls again by a call that left while others wait as Microsoft asked', () => {
  const pace = throttled(31_000);
  pace.throttled(2_000, 2_010, 2_010);
  expect(pace.perSecond(2_010)).toBe(100);
});

it('never falls so far that nothing can be found out', () => {
  const pace = new Pace();
  for (let atMs = 0; atMs < 100; atMs += 1) pace.throttled(atMs, atMs, atMs);
  expect(pace.perSecond(99)).toBe(5);
  expect(leaving(pace, 100, 1_100)).toBeGreaterThanOrEqual(5);
});

it('begins to rise when the wait that Microsoft asked for is over', () => {
  const pace = throttled(31_000);
  expect(pace.perSecond(31_000)).toBe(200);
  expect(pace.perSecond(32_000)).toBe(210);
});
