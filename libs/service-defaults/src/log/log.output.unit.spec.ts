import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { logOutput } from './log.output';

const fixtures = join(__dirname, '../fixtures');

/** What a process leaves in its log that logs 3,000 lines and ends in the same turn. */
async function linesOf(ending: string): Promise<{ code: number; lines: string[] }> {
  const child = spawn(process.execPath, ['-r', join(fixtures, 'register-swc.cjs'), join(fixtures, 'logging.process.ts'), ending], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [output, [code]] = await Promise.all([text(child.stdout), once(child, 'exit') as Promise<[number]>]);
  return { code, lines: output.split('\n').filter((line) => line !== '') };
}

it.each([
  ['exit', 0],
  ['return', 0],
  ['throw', 1],
  ['reject', 1],
])('leaves every line of a process that ends by %s, in order', async (ending, code) => {
  const ended = await linesOf(ending);
  expect(ended.code).toBe(code);
  expect(ended.lines.map((line) => (JSON.parse(line) as { number: number }).number)).toEqual(
    Array.from({ length: 3_000 }, (_, index) => index + 1),
  );
});

it('lets a process go on and end whose reader has gone, or whose disk is full', async () => {
  const full = openSync('/dev/full', 'w');
  for (const out of ['pipe', full] as const) {
    const child = spawn(process.execPath, ['-r', join(fixtures, 'register-swc.cjs'), join(fixtures, 'logging.process.ts'), 'later'], {
      stdio: ['ignore', out, 'ignore'],
    });
    child.stdout?.destroy();
    expect(await once(child, 'exit')).toEqual([0, null]);
  }
  closeSync(full);
});

it('writes the lines of a turn of the event loop when it is over, and at once what is more than its buffer', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'log-output-'));
  const path = join(dir, 'log');
  const output = logOutput(openSync(path, 'w'));
  const written = () => readFileSync(path, 'utf8');
  output.write('one\n');
  output.write('two\n');
  expect(written()).toBe('');
  await new Promise((resolve) => setImmediate(resolve));
  expect(written()).toBe('one\ntwo\n');
  for (let number = 0; number < 70; number++) output.write(`${'x'.repeat(1_023)}\n`);
  expect(written().length).toBeGreaterThan(60_000);
  output.flushSync();
  expect(written()).toHaveLength(8 + 70 * 1_024);
  rmSync(dir, { recursive: true });
});
