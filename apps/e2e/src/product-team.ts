import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { landfallDir, repositoryDir } from '@landfall/local';
import { eventually } from './eventually';

const page = readFileSync(join(repositoryDir, 'docs/how-to/consume-our-events.md'), 'utf8');
/** The first block in a language on the page that a product team reads. */
const codeOf = (language: string): string => new RegExp(`\`\`\`${language}\n([\\s\\S]*?)\`\`\``).exec(page)![1]!;

/** To pack and to compile takes seconds; a machine that is busy takes more. */
const commandLimitMs = 240_000;

const run = (cwd: string, program: string, ...args: string[]): string =>
  execFileSync(program, args, { cwd, encoding: 'utf8', timeout: commandLimitMs, stdio: ['ignore', 'pipe', 'pipe'] });

/**
 * A folder of a product team: the packed contracts are installed in it, and nothing else of Landfall. It lies inside of the repository, so that zod, kafkajs, pg
 * and their types are found in its node_modules: a test has no registry.
 */
export class ProductTeam {
  readonly dir: string;
  private consumer?: ChildProcess;
  private output = '';

  constructor() {
    mkdirSync(landfallDir, { recursive: true });
    this.dir = mkdtempSync(join(landfallDir, 'product-team-'));
    writeFileSync(join(this.dir, 'package.json'), JSON.stringify({ name: 'product', private: true, type: 'module' }));
    writeFileSync(join(this.dir, 'tsconfig.json'), codeOf('json'));
    writeFileSync(join(this.dir, 'consumer.ts'), codeOf('ts'));
    writeFileSync(join(this.dir, 'consumer.py'), codeOf('python'));
  }

  /** Packs a copy, since others use what is built in the repository, and installs what came out. Returns the names of the packed files. */
  installContracts(): string[] {
    const copy = join(this.dir, 'node_modules/repository/libs/contracts');
    cpSync(join(repositoryDir, 'libs/contracts'), copy, { recursive: true, filter: (path) => !path.endsWith('dist') });
    cpSync(join(repositoryDir, 'tsconfig.base.json'), join(this.dir, 'node_modules/repository/tsconfig.base.json'));
    run(copy, 'npm', 'pack', '--silent', '--offline');
    const packed = readdirSync(copy).find((name) => name.endsWith('.tgz'))!;
    const installed = join(this.dir, 'node_modules/@landfall/contracts');
    mkdirSync(installed, { recursive: true });
    run(copy, 'tar', '-xzf', packed, '-C', installed, '--strip-components=1');
    return run(copy, 'tar', '-tzf', packed).trim().split('\n');
  }

  /** Compiles what is in the folder, as the page says. Throws with what the compiler found. */
  compile(): void {
    const compiler = join(dirname(require.resolve('typescript/package.json')), 'bin/tsc');
    try {
      run(this.dir, process.execPath, compiler);
    } catch (error) {
      throw new Error(`It does not compile:\n${String((error as { stdout?: unknown }).stdout)}`, { cause: error });
    }
  }

  /** Starts the consumer, and waits until it has read the snapshots and follows both topics. */
  async start(program: string, file: string, env: Record<string, string>): Promise<void> {
    const consumer = this.spawn(program, file, env);
    await eventually(() => {
      if (consumer.exitCode !== null || !this.output.includes('ready')) throw new Error(`The consumer is not ready: ${this.output}`);
    });
  }

  /** Starts a consumer that can't go on. Returns its exit code. */
  async runToItsEnd(program: string, file: string, env: Record<string, string>): Promise<number | null> {
    const [exitCode] = (await once(this.spawn(program, file, env), 'close')) as [number | null];
    return exitCode;
  }

  private spawn(program: string, file: string, env: Record<string, string>): ChildProcess {
    this.output = '';
    const consumer = spawn(program, [join(this.dir, file)], { cwd: this.dir, env: { PATH: process.env['PATH'], ...env } });
    for (const stream of [consumer.stdout, consumer.stderr]) stream.on('data', (data: Buffer) => (this.output += data.toString()));
    return (this.consumer = consumer);
  }

  async stop(signal: NodeJS.Signals = 'SIGINT'): Promise<void> {
    const { consumer } = this;
    if (!consumer || consumer.exitCode !== null || consumer.signalCode !== null) return;
    consumer.kill(signal);
    await once(consumer, 'close');
  }

  /** What it has said so far. */
  get words(): string {
    return this.output;
  }

  async remove(): Promise<void> {
    await this.stop('SIGKILL');
    rmSync(this.dir, { recursive: true, force: true });
  }
}
