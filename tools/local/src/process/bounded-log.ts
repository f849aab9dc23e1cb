import { closeSync, existsSync, fstatSync, mkdirSync, openSync, renameSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

/** One log never takes more than twice this: the file that is written and the one before it (`<file>.1`). */
const maxLogBytes = 5 * 1024 * 1024;

/** A log file that is rotated when it is full. Writes are synchronous, so that the last words of a crash are on disk before the process is gone. */
export class BoundedLog {
  private descriptor: number;
  private bytes: number;

  constructor(
    readonly file: string,
    private readonly limit = maxLogBytes,
  ) {
    mkdirSync(dirname(file), { recursive: true });
    this.descriptor = openSync(file, 'a');
    this.bytes = fstatSync(this.descriptor).size;
  }

  write(text: string | Uint8Array): void {
    if (this.bytes > this.limit) this.rotate();
    this.bytes += typeof text === 'string' ? writeSync(this.descriptor, text) : writeSync(this.descriptor, text);
  }

  close(): void {
    closeSync(this.descriptor);
  }

  private rotate(): void {
    closeSync(this.descriptor);
    if (existsSync(this.file)) renameSync(this.file, `${this.file}.1`);
    this.descriptor = openSync(this.file, 'a');
    this.bytes = 0;
  }
}
