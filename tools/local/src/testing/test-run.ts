import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { repositoryDir } from '../repository';

/** One part of a test run: a check that passes or fails as a whole, or a jest run that counts tests. */
export interface Step {
  title: string;
  package: string;
  bin: string;
  args: string[];
  /** Where jest writes its results; none for a check. */
  resultsFile?: string;
}

export interface StepResult {
  title: string;
  passed: number;
  failed: number;
  seconds: number;
  ok: boolean;
}

/** A step that hangs is ended, so that a run always comes to its closing line. */
const stepLimitMs = 45 * 60_000;

const require_ = createRequire(__filename);

/** Runs one step to its end; its output goes where ours goes. */
export async function runStep(step: Step, env: NodeJS.ProcessEnv, stop: AbortSignal): Promise<StepResult> {
  const startedAt = performance.now();
  const exitCode = await new Promise<number | null>((resolve, reject) => {
    const child = spawn(process.execPath, [scriptOf(step), ...step.args], {
      cwd: repositoryDir,
      env,
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    const end = () => child.kill('SIGTERM');
    const limit = setTimeout(end, stepLimitMs);
    stop.addEventListener('abort', end, { once: true });
    if (stop.aborted) end();
    child.once('error', reject);
    child.once('close', (code) => {
      clearTimeout(limit);
      stop.removeEventListener('abort', end);
      resolve(code);
    });
  });
  const { passed, failed } = counted(step.resultsFile);
  const ok = exitCode === 0 && failed === 0;
  // what failed without a failed test (a check, a crash of jest) counts as one
  return { title: step.title, passed, failed: ok || failed > 0 ? failed : 1, seconds: (performance.now() - startedAt) / 1000, ok };
}

/** The line that ends a run, which others count by. */
export function closingLine(results: readonly StepResult[]): string {
  const sum = (field: 'passed' | 'failed') => results.reduce((total, result) => total + result[field], 0);
  return `${sum('passed')} passed, ${sum('failed')} failed`;
}

export function summary(results: readonly StepResult[]): string {
  const width = Math.max(...results.map(({ title }) => title.length));
  return results
    .map(({ title, ok, passed, failed, seconds }) => {
      const tests = passed + failed > 0 ? `  ${passed} passed, ${failed} failed` : '';
      return `${ok ? 'ok    ' : 'FAILED'}  ${title.padEnd(width)}  ${seconds.toFixed(0).padStart(4)} s${tests}`;
    })
    .join('\n');
}

function scriptOf({ package: name, bin }: Step): string {
  const manifest = require_.resolve(`${name}/package.json`);
  const { bin: bins } = JSON.parse(readFileSync(manifest, 'utf8')) as { bin: string | Record<string, string> };
  return join(dirname(manifest), typeof bins === 'string' ? bins : (bins[bin] ?? ''));
}

/** A file of tests that did not even load has failed, and has no tests of its own that could. */
function counted(resultsFile: string | undefined): { passed: number; failed: number } {
  if (!resultsFile || !existsSync(resultsFile)) return { passed: 0, failed: 0 };
  const results = JSON.parse(readFileSync(resultsFile, 'utf8')) as {
    numPassedTests: number;
    numFailedTests: number;
    numRuntimeErrorTestSuites: number;
  };
  return { passed: results.numPassedTests, failed: results.numFailedTests + results.numRuntimeErrorTestSuites };
}
