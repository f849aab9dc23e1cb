import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Comments, strings in quotes, and members such as `.entries`, with which no name of a file can be mixed up. */
const elsewhere = /\/\*[\s\S]*?\*\/|\/\/.*|'[^'\n]*'|(?<=[\w$)\]?])\.(?:<%= \w+ %>|[\w$])+/g;
const identifier = /(?:<%= \w+ %>|[\w$])+/g;
const placeholder = /<%= (\w+) %>/g;

const identifiers = new Set(codeOfTemplates().flatMap((code) => code.replace(elsewhere, ' ').match(identifier) ?? []));
/** The other forms of a noun stand in sentences and in SQL. */
const made = [...identifiers].filter((one) => /<%= (Nouns?|one|many) %>/.test(one));
const taken = new Set([...identifiers].filter((one) => !one.includes('<%=')));

/** Whether the templates, filled in with these forms of a noun, would name something by an identifier that they use already, such as `Record` or `aSnapshot`. */
export function areTakenInTemplates(forms) {
  return made.some((one) => taken.has(one.replace(placeholder, (_, form) => forms[form] ?? '')));
}

function codeOfTemplates() {
  const folder = fileURLToPath(new URL('./files/', import.meta.url));
  return readdirSync(folder, { recursive: true })
    .filter((file) => file.endsWith('.ts.template'))
    .map((file) => readFileSync(`${folder}${file}`, 'utf8'));
}
