import { killPoints } from './kill.points';
import type { UsageScale } from './usage.run';

/** Three days for `npm test`: each worst moment of a service once, Microsoft away for 5 hours, answers lost, and no usage taken for 30 hours. */
export const threeDays: UsageScale = {
  ...{ subscriptions: 10, steps: 12, stepHours: 6, awayIn: 1, lostIn: [2] },
  refusing: { from: 5, to: 9 },
  kills: {
    0: 'hour handed over',
    1: 'batch taken by fulfillment', // not while usage is refused: a call that it cuts would be uncertain for good, as Microsoft answers the next one after 23 hours
    2: 'answer stored',
    3: 'attempt written down',
    4: 'call made',
    5: 'record taken',
    6: 'bucket counted',
    10: 'answer published',
    11: 'answer taken by billing',
  },
  unawaited: [3], // a job whose process died is taken up after half a minute: once for both of these kills
  stepLimitMs: 420_000, // a batch that was refused often waits up to five minutes for its next call, also after a process that held it has died
};

/** A month, or less of it: the same days again and again but for the 30 hours, which come once. */
export function month(subscriptions: number, days: number): UsageScale {
  const steps = days * 4;
  const lostIn = Array.from({ length: steps }, (_, step) => step).filter((step) => step % 7 === 2 && (step < 4 || step > 12));
  const kills = Object.fromEntries(
    Array.from({ length: steps }, (_, step) => [step, killPoints[Math.floor(step / 3) % killPoints.length]!] as const).filter(
      ([step]) => step % 3 === 0 && (step < 5 || step > 10),
    ),
  );
  return {
    subscriptions,
    steps,
    stepHours: 6,
    awayIn: 1,
    lostIn,
    refusing: { from: 5, to: 9 },
    kills,
    unawaited: [],
    stepLimitMs: 600_000,
  };
}
