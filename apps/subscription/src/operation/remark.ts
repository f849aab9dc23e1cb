/**
 * What became of a change without us. `not-named`: the catalog has nothing to say of its offer or plan, so it was accepted (rule 6). The others are times when
 * Microsoft decided: it had ended or been done before we saw it, although we had something to say; it ended or was done while the product was asked; or Microsoft
 * did what we had refused (rule 8).
 */
export type RemarkKind = 'not-named' | 'ended-before-verdict' | 'ended-while-asked' | 'overruled';

export interface Remark {
  readonly kind: RemarkKind;
  /** For operators, without personal data. */
  readonly words: string;
}
