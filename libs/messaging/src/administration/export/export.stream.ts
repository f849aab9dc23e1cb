import { Readable } from 'node:stream';

/** An export whose reader takes nothing for so long is ended: it would hold one of the few places for ever. */
const untakenLimitMs = 30_000;

/** Nobody took what comes next, so the answer was cut off. */
export class ExportNotTaken extends Error {
  readonly code = 'EXPORT_NOT_TAKEN';
  readonly retriable = true;
}

/**
 * An export as its answer: `first`, and then the rest of `lines`, each piece read when the one before it was taken. Where the reader goes, or takes nothing for `limitMs`
 * (30 s), the stream is destroyed. However it ends, even before anything was read of it, `lines` is ended with it, so that what it holds is free.
 */
export function exportStream(first: IteratorResult<string>, lines: AsyncGenerator<string>, limitMs = untakenLimitMs): Readable {
  let next = async () => {
    next = () => lines.next();
    return first;
  };
  let timer: NodeJS.Timeout | undefined;
  const cutOff = () => stream.destroy(new ExportNotTaken(`nothing of it was taken for ${limitMs / 1_000} s`));
  const give = ({ done, value }: IteratorResult<string>) => {
    if (stream.destroyed) return;
    if (!done) timer = setTimeout(cutOff, limitMs);
    stream.push(done ? null : value);
  };
  const stream: Readable = new Readable({
    highWaterMark: 1,
    read() {
      clearTimeout(timer);
      next().then(give, (error: Error) => stream.destroy(error));
    },
    destroy(error, ended) {
      clearTimeout(timer);
      lines.return(undefined).then(() => ended(error), ended);
    },
  });
  return stream;
}
