import { runStorm } from './storm/storm';
import { written } from './storm/storm.report';
import { shortScale } from './storm/storm.scale';

jest.setTimeout(900_000);

/** Seeds that once found something stay in the list: the same acts and faults again. */
const seeds = [1];

describe('a storm', () => {
  it.each(seeds)('leaves both sides equal, nothing waiting, and no event that took back what was true (seed %i)', async (seed) => {
    const lines: string[] = [];
    const report = await runStorm({ seed, scale: shortScale, say: (line) => lines.push(line) });
    expect({ left: report.left, differences: report.findings.length, report: written(report) }).toMatchObject({ left: [], differences: 0 });
    expect(report.faults.length).toBeGreaterThan(3);
    expect(report.events).toBeGreaterThan(shortScale.subscriptions * 4);
  });
});
