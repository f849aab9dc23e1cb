/** One process of each service: a second copy has the same outbox, and would publish everything once more. */
export const firstCopies = <T extends { readonly name: string; readonly service: string }>(processes: readonly T[]): T[] =>
  processes.filter(({ name, service }) => name === service);

/** So much of an answer that is no problem document is shown. */
const SHOWN_CHARACTERS = 500;

/** What a service says was wrong, in one sentence with each of its reasons. */
export function problemInWords(text: string): string {
  try {
    const { title, detail, errors = [] } = JSON.parse(text) as { title?: string; detail?: string; errors?: string[] };
    return [detail ?? title ?? text.slice(0, SHOWN_CHARACTERS), ...errors].join(' ');
  } catch {
    return text.slice(0, SHOWN_CHARACTERS);
  }
}
