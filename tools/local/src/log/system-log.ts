import { join } from 'node:path';
import { BoundedLog } from '../process/bounded-log';
import { intoLines } from '../process/lines';
import { readable, type LogLine } from './log-line';

/**
 * The logs of a running system. What each process writes is kept whole under `<name>.log`; a readable line of it goes into `system.log`, all processes together,
 * and to whoever watches. All are bounded.
 */
export class SystemLog {
  private readonly together: BoundedLog;
  private readonly files = new Map<string, BoundedLog>();

  constructor(
    private readonly dir: string,
    private readonly watch: (line: LogLine) => void,
  ) {
    this.together = new BoundedLog(join(dir, 'system.log'));
  }

  fileOf(name: string): string {
    return join(this.dir, `${name}.log`);
  }

  /** Takes what one process writes, in whatever pieces it comes. Call with nothing when the process has ended. */
  intakeOf(name: string): (piece?: string) => void {
    const file = this.files.get(name) ?? new BoundedLog(this.fileOf(name));
    this.files.set(name, file);
    return intoLines((line) => {
      file.write(`${line}\n`);
      this.add(readable(name, line, new Date()));
    });
  }

  /** Something that the runner itself has to say. */
  say(level: LogLine['level'], message: string): void {
    this.add(readable('landfall', JSON.stringify({ level, msg: message }), new Date()));
  }

  close(): void {
    for (const file of [this.together, ...this.files.values()]) file.close();
  }

  private add(line: LogLine): void {
    this.together.write(`${line.text}\n`);
    this.watch(line);
  }
}
