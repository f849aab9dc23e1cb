import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { landfallDir } from '../repository';
import { planOf } from '../testing/test-plan';
import { closingLine, runStep, summary, type StepResult } from '../testing/test-run';
import { startTestServers } from '../testing/test-servers';
import { print, runCommand } from './command';

/** Nest needs the first. Specs, types and lint load so much that a young generation of 16 MiB, as Node has it, costs a tenth of their CPU in collections. */
const nodeOptions = ['--experimental-vm-modules', '--max-semi-space-size=64'];

/** `npm test`: everything, to the end also when something failed. `npm test -- unit | int | e2e | <path>` narrows it. */
void runCommand(async (stop) => {
  const resultsDir = join(landfallDir, 'test', 'results');
  rmSync(resultsDir, { recursive: true, force: true });
  mkdirSync(resultsDir, { recursive: true });
  const { stages, needsServers } = planOf(process.argv.slice(2), resultsDir);
  const env = { ...process.env, NODE_OPTIONS: [process.env['NODE_OPTIONS'], ...nodeOptions].filter(Boolean).join(' ') };
  const servers = needsServers ? await startTestServers(env) : undefined;
  const results: StepResult[] = [];
  try {
    for (const stage of stages) {
      if (stop.aborted) break;
      results.push(...(await Promise.all(stage.map((step) => runStep(step, env, stop)))));
    }
  } finally {
    await servers?.stop();
  }
  print(`\n${summary(results)}\n`);
  const ranNothing = results.every(({ passed, failed }) => passed + failed === 0);
  if (ranNothing) print('No test was run: no path matches.');
  print(closingLine(results));
  return ranNothing || stop.aborted || results.some(({ ok }) => !ok) ? 1 : 0;
});
