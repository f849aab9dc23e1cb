import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { EmulatorDetails } from '../emulator.options';

/** Lets a child process run the sources as they are, without a build that could be older than they. */
function typescriptHook(): string {
  const swc = JSON.stringify(require.resolve('@swc/core'));
  return `
    const { readFileSync } = require('node:fs');
    const { transformSync } = require(${swc});
    require.extensions['.ts'] = (module, filename) => module._compile(transformSync(readFileSync(filename, 'utf8'), {
      filename, swcrc: false, module: { type: 'commonjs', ignoreDynamic: true },
      jsc: { parser: { syntax: 'typescript' }, target: 'es2024' },
    }).code, filename);`;
}

/** Runs a TypeScript file in a process of its own. @param folder a place for a file that the process needs */
export function runTypescript(folder: string, file: string, args: string[]): ChildProcess {
  const hook = join(folder, 'typescript.hook.cjs');
  writeFileSync(hook, typescriptHook());
  return spawn(process.execPath, ['--require', hook, file, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, NODE_OPTIONS: '' },
  });
}

/** An emulator in a process of its own, which can be killed. */
export class ChildEmulator {
  private constructor(
    private readonly child: ChildProcess,
    readonly details: EmulatorDetails,
  ) {}

  static async start(folder: string, args: string[]): Promise<ChildEmulator> {
    const child = runTypescript(folder, join(__dirname, '..', 'main.ts'), ['--port', '0', '--json', ...args]);
    let text = '';
    for await (const chunk of child.stdout ?? []) {
      text += String(chunk);
      if (text.includes('\n')) return new ChildEmulator(child, JSON.parse(text) as EmulatorDetails);
    }
    throw new Error(`The emulator ended before it was ready: ${text}`);
  }

  /** SIGKILL: nothing is closed, nothing is written any more. */
  async kill(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const ended = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await ended;
  }
}
