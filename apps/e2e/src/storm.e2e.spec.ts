import { runStorm } from './storm/storm';
import { written } from './storm/storm.report';
import { shortScale } from './storm/storm.scale';

jest.setTimeout(900_000);

/** Seeds that once found something stay in the list: the same acts and faults again. */
const seeds = [1];

describe('a storm and a random walk', () => {
  it.each(seeds)(
    'leave both sides equal after one sweep, nothing waiting, and no event that took back what was true (seed %i)',
    async (seed) => {
      const lines: string[] = [];
      const report = await runStorm({ seed, scale: shortScale, say: (line) => lines.push(line) });
      const breaches = report.breaches.filter((line) => !line.startsWith('late-')); // how soon we answer is the machine's affair here
      expect({ left: report.left, differences: report.findings.length, breaches, report: written(report) }).toMatchObject({
        ...{ left: [], differences: 0, breaches: [] },
      });
      expect(report.faults.length).toBeGreaterThan(3);
      expect([report.sweeps.length, report.unkindness.some(({ name }) => name.startsWith('API: '))]).toEqual([2, true]);
      expect(report.events).toBeGreaterThan(shortScale.subscriptions * 4);
    },
  );
});
