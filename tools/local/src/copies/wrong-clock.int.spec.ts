import { spawnSync } from 'node:child_process';
import { wrongClock } from './wrong-clock';

const program = `
  const before = performance.now();
  const made = new Date();
  setTimeout(() => {
    const copy = structuredClone(made);
    console.log(JSON.stringify({
      now: Date.now(), made: made.getTime(), text: Date.parse(Date()), throughConstructor: new made.constructor().getTime(),
      given: [new Date(0).getTime(), new Date('2026-01-02T03:04:05Z').toISOString(), new Date(2026, 0, 2).getMonth(), Date.UTC(1970, 0, 1)],
      isDate: [made instanceof Date, copy instanceof Date, new (class extends Date {})() instanceof Date],
      waitedMs: performance.now() - before,
    }));
  }, 20);
`;

function inProcessWith(skewMs: number) {
  const { flags, settings } = wrongClock(skewMs);
  const { stdout, stderr } = spawnSync(process.execPath, [...flags, '-e', program], {
    env: { ...process.env, ...settings },
    encoding: 'utf8',
  });
  if (!stdout) throw new Error(stderr);
  return JSON.parse(stdout) as {
    now: number;
    made: number;
    text: number;
    throughConstructor: number;
    given: unknown;
    isDate: unknown;
    waitedMs: number;
  };
}

describe('a process whose clock is wrong', () => {
  it.each([3_600_000, -3_600_000])('asks it everywhere, and is wrong by %i ms', (skewMs) => {
    const before = Date.now();
    const { now, made, text, throughConstructor } = inProcessWith(skewMs);
    for (const moment of [now, made, throughConstructor, text]) {
      expect(moment).toBeGreaterThanOrEqual(before + skewMs - 1_000); // a date in words has whole seconds
      expect(moment).toBeLessThanOrEqual(Date.now() + skewMs);
    }
  });

  it('reads given moments as ever, and its timers run as ever', () => {
    const { given, isDate, waitedMs } = inProcessWith(3_600_000);
    expect(given).toEqual([0, '2026-01-02T03:04:05.000Z', 0, 0]);
    expect(isDate).toEqual([true, true, true]);
    expect(waitedMs).toBeLessThan(3_000_000);
  });

  it('is told nothing where its clock is right', () => {
    expect(wrongClock(0)).toEqual({ flags: [], settings: {} });
  });
});
