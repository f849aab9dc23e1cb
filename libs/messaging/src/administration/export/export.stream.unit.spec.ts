import { once } from 'node:events';
import { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { exportStream } from './export.stream';

/** An export of many pieces that knows whether it has ended. */
function pieces(count: number) {
  const state = { read: 0, ended: false };
  async function* lines(): AsyncGenerator<string> {
    try {
      while (state.read < count) yield `${(state.read += 1)}\n`;
    } finally {
      state.ended = true;
    }
  }
  return { state, lines: lines() };
}

it('gives every piece in its order, and frees what it held', async () => {
  const { state, lines } = pieces(5);
  const got: string[] = [];
  for await (const piece of exportStream(await lines.next(), lines)) got.push(String(piece));
  expect([got.join(''), state.ended]).toEqual(['1\n2\n3\n4\n5\n', true]);
});

it('is cut off where its reader stays and takes nothing, and frees what it held', async () => {
  const { state, lines } = pieces(1_000_000);
  const idle = new Writable({ highWaterMark: 1, write: () => undefined }); // never says that it has taken something
  await expect(pipeline(exportStream(await lines.next(), lines, 50), idle)).rejects.toMatchObject({ code: 'EXPORT_NOT_TAKEN' });
  expect(state).toMatchObject({ ended: true });
  expect(state.read).toBeLessThan(10);
});

it('ends with a reader that goes', async () => {
  const { state, lines } = pieces(1_000_000);
  for await (const piece of exportStream(await lines.next(), lines)) if (String(piece)) break;
  expect(state.ended).toBe(true);
});

it('ends with a reader that has gone before anything was read of it', async () => {
  const { state, lines } = pieces(1_000_000);
  const stream = exportStream(await lines.next(), lines);
  stream.destroy();
  await once(stream, 'close');
  expect(state).toEqual({ read: 1, ended: true });
});

it('ends with what breaks', async () => {
  async function* breaking(): AsyncGenerator<string> {
    yield 'one\n';
    throw new Error('the database is away');
  }
  const lines = breaking();
  const all = async () => {
    for await (const piece of exportStream(await lines.next(), lines)) expect(String(piece)).toBe('one\n');
  };
  await expect(all()).rejects.toThrow('the database is away');
});
