import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryDir } from '../repository';
import { planOf } from './test-plan';
import { closingLine, summary } from './test-run';

const titlesOf = (...wishes: string[]) => planOf(wishes, '/results').stages.map((stage) => stage.map(({ title }) => title).join(' and '));
const argsOf = (...wishes: string[]) => planOf(wishes, '/results').stages.flatMap((stage) => stage.map(({ args }) => args.join(' ')));

describe('npm test', () => {
  it('checks types and rules beside each other, and runs every kind of test after them, when nothing is asked for', () => {
    expect(titlesOf()).toEqual(['projects', 'types and lint', 'unit and integration', 'journeys']);
  });

  it('runs only the kind that is asked for, and no servers for unit tests', () => {
    expect(argsOf('unit')).toEqual([expect.stringMatching(/\.int\\\.spec.*\.e2e\\\.spec/)]);
    expect(planOf(['unit'], '/results').needsServers).toBe(false);
    expect(planOf(['int'], '/results').needsServers).toBe(true);
    expect(titlesOf('e2e')).toEqual(['journeys']);
    expect(titlesOf('regression')).toEqual(['regressions']);
  });

  it('runs regressions when they are asked for, and not otherwise', () => {
    expect(argsOf()).toEqual(argsOf().map(() => expect.stringMatching(/^(?!.*--outputFile)|regression\\\.spec/)));
    expect(argsOf('regression')).toEqual([expect.not.stringContaining('regression\\.spec')]);
  });

  it('takes anything else for a pattern of paths', () => {
    expect(argsOf('libs/messaging')).toEqual([expect.stringMatching(/^libs\/messaging /), expect.stringMatching(/^libs\/messaging /)]);
    expect(argsOf('int', 'relay')).toEqual([expect.stringMatching(/^relay .*\.unit\\\.spec/)]);
  });

  it('begins with the longest specs, and knows of none that is not there', () => {
    const { longest } = jest.requireActual<{ longest: Record<string, number> }>('../../jest/sequencer.cjs');
    const isThere = (file: string) => ['apps', 'libs', 'tools'].some((folder) => existsSync(join(repositoryDir, folder, file)));
    expect(Object.keys(longest).filter((file) => !isThere(file))).toEqual([]);
  });

  it('ends in one line that sums up all parts', () => {
    const results = [
      { title: 'lint', passed: 0, failed: 1, seconds: 2, ok: false },
      { title: 'unit and integration', passed: 40, failed: 2, seconds: 61.2, ok: false },
    ];
    expect(closingLine(results)).toBe('40 passed, 3 failed');
    expect(summary(results).split('\n')[1]).toBe('FAILED  unit and integration    61 s  40 passed, 2 failed');
  });
});
