import { aCall, findings } from '../../../testing/facts';
import type { CallEnded } from '../../fact';
import { linkEncodedAgain, listAsTrigger, nextLinkIgnored } from './list.rules';

const page = (seconds: number, changes: Partial<CallEnded> = {}) =>
  aCall(seconds, { route: 'listSubscriptions', answer: { '@nextLink': 'https://elsewhere' }, ...changes });

describe('a link that is not followed', () => {
  it('is advice when the first page is read three times in a row', () => {
    expect(findings(nextLinkIgnored, [page(1), page(2), page(3)])).toHaveLength(1);
  });

  it('is none where it is followed, where there is none, where others read, or where a fault answered', () => {
    expect(findings(nextLinkIgnored, [page(1), page(2), page(2.5, { continuation: 'next' }), page(3), page(4)])).toEqual([]);
    expect(
      findings(
        nextLinkIgnored,
        [1, 2, 3].map((seconds) => page(seconds, { answer: {} })),
      ),
    ).toEqual([]);
    expect(
      findings(
        nextLinkIgnored,
        [1, 2, 3].map((seconds) => page(seconds, { caller: `caller-${seconds}` })),
      ),
    ).toEqual([]);
    expect(
      findings(
        nextLinkIgnored,
        [1, 2, 3].map((seconds) => page(seconds, { faultId: 'f' })),
      ),
    ).toEqual([]);
  });
});

describe('a list as a trigger', () => {
  const sweeps = (spacing: number) => Array.from({ length: 6 }, (_, index) => page(index * spacing, { answer: {} }));

  it('is advice when it is begun more than once a minute', () => {
    expect(findings(listAsTrigger, sweeps(50))).toHaveLength(1);
  });

  it('is none where the emulator’s clock was moved in between, for a publisher that follows that one', () => {
    const nights = sweeps(2).map((sweep, index) => ({ ...sweep, atMs: sweep.atMs + index * 86_400_000 }));
    expect(findings(listAsTrigger, nights)).toEqual([]);
  });

  it('is none at a longer interval, however many pages a sweep has', () => {
    expect(findings(listAsTrigger, sweeps(90))).toEqual([]);
    expect(
      findings(
        listAsTrigger,
        Array.from({ length: 100 }, (_, index) => page(index, { continuation: 'next' })),
      ),
    ).toEqual([]);
  });
});

describe('a continuation token encoded again', () => {
  it.each(['%5b%7b%22token%22', '%5B%7B"token"', '%255b%257b'])('is a breach: %s', (continuation) => {
    expect(findings(linkEncodedAgain, [page(1, { continuation, status: 400 })])).toHaveLength(1);
  });

  it('is none where it is used verbatim, or is wrong in another way', () => {
    expect(findings(linkEncodedAgain, [page(1, { continuation: '[{"token":"x"}]' }), page(2, { continuation: 'x', status: 400 })])).toEqual(
      [],
    );
  });
});
