export function whyNotService(name: string, known: { applications: readonly string[]; packages: readonly string[] }): string | undefined;
export function whyNotNoun(noun: string): string | undefined;
export function formsOf(noun: string): Record<'noun' | 'nouns' | 'table' | 'Noun' | 'Nouns' | 'one' | 'many' | 'text' | 'article', string>;
