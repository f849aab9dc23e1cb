import { intoLines } from './lines';

function linesOf(...pieces: (string | undefined)[]): string[] {
  const lines: string[] = [];
  const take = intoLines((line) => lines.push(line));
  for (const piece of pieces) take(piece);
  return lines;
}

describe('lines of a stream', () => {
  it('come whole, however the stream is cut', () => {
    expect(linesOf('on', 'e\ntw', 'o\r\nthree\n')).toEqual(['one', 'two', 'three']);
  });

  it('keep the last one without an end', () => {
    expect(linesOf('one\ntwo', undefined)).toEqual(['one', 'two']);
  });

  it('are cut where they do not end, so that memory stays bounded', () => {
    const endless = 'x'.repeat(70_000);
    expect(linesOf(endless, 'y\n')).toEqual([endless, 'y']);
  });
});
