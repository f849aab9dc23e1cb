export interface OldWord {
  readonly old?: readonly string[];
  readonly names?: readonly string[];
  readonly pattern?: string;
  readonly path?: string;
  readonly only?: 'code';
  readonly in?: readonly string[];
  readonly notIn?: readonly string[];
  readonly free?: readonly string[];
  readonly new: string;
}

/** `line` 0: the name of the file itself. */
export interface Found {
  readonly file: string;
  readonly line: number;
  readonly old: string;
  readonly new: string;
}

export const oldWords: readonly OldWord[];
export const notYetClean: readonly string[];
export function oldWordsInRepository(root?: string, words?: readonly OldWord[]): Found[];
export function oldWordsIn(file: string, text: string, words?: readonly OldWord[]): Found[];
