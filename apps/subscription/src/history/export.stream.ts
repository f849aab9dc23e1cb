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
 * (30 s), the stream is destroyed and `lines` ended, so that what it holds is free.
 */
export function exportStream(first: IteratorResult<string>, lines: AsyncGenerator<string>, limitMs = untakenLimitMs): Readable {
  const cutOff = () => stream.destroy(new ExportNotTaken(`nothing of it was taken for ${limitMs / 1_000} s`));
  const stream = Readable.from(taken(first, lines, cutOff, limitMs), { objectMode: false, highWaterMark: 1 });
  return stream;
}

async function* taken(
  first: IteratorResult<string>,
  lines: AsyncGenerator<string>,
  cutOff: () => void,
  limitMs: number,
): AsyncGenerator<string> {
  let timer: NodeJS.Timeout | undefined;
  try {
    for (let piece = first; !piece.done; piece = await lines.next()) {
      timer = setTimeout(cutOff, limitMs);
      yield piece.value;
      clearTimeout(timer);
    }
  } finally {
    clearTimeout(timer);
    await lines.return(undefined);
  }
}
