/** What a browser may send by one of our forms, in bytes. */
export const FORM_LIMIT_BYTES = 16 * 1024;

/** A field of a submitted form; empty where the form has none, or where what came is no form at all. */
export function fieldOf(form: unknown, name: string): string {
  return form instanceof URLSearchParams ? (form.get(name) ?? '') : '';
}
