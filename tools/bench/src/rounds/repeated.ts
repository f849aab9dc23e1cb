import { foreignLimit } from './quiet';

interface Disturbed {
  readonly foreign: number;
  readonly stolen: number;
}

export type Marked<T> = T & { readonly isDisturbed: boolean };

const isDisturbed = ({ foreign, stolen }: Disturbed): boolean => foreign + stolen > foreignLimit;

/** Makes a round, and once more where something else took over a tenth of the machine; where it did so again the second round counts, and is marked. */
export async function repeated<T extends Disturbed>(round: () => Promise<T>, mayRepeat: boolean): Promise<Marked<T>> {
  const first = await round();
  const counts = isDisturbed(first) && mayRepeat ? await round() : first;
  return { ...counts, isDisturbed: isDisturbed(counts) };
}
