const httpDate = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/;

/** The header `Date` of an answer, to the second, as ISO 8601; undefined where it is missing or of another form. */
export function readDate(header: string | undefined): string | undefined {
  const text = header?.trim() ?? '';
  const parsed = httpDate.test(text) ? new Date(text) : undefined;
  return parsed && !Number.isNaN(parsed.getTime()) ? parsed.toISOString() : undefined;
}
