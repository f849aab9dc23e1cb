import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectOf, repositoryDir, writtenFiles } from '../repository.files.mjs';
import { namesIn } from './code.names.mjs';

/**
 * A word that is not ours any more, and the one that has taken its place. One of these says what is looked for:
 * `old`: words or phrases in any spelling, in names as well as in sentences: "dead letter" is also `deadLetter`, `DEAD_LETTER` and `dead-letter.ts`.
 * `names`: whole names in code, spelt just so.
 * `pattern`: a regular expression for a line. `path`: one for the path of a file.
 * `only: "code"` looks for `old` in names and file names alone. `in` and `notIn` name projects. `free` are regular expressions: what they match may stay.
 * @typedef {{ old?: string[], names?: string[], pattern?: string, path?: string, only?: 'code', in?: string[], notIn?: string[], free?: string[], new: string }} OldWord
 * @typedef {{ file: string, line: number, old: string, new: string }} Found  `line` 0: the name of the file itself
 */

const readJson = (name) => JSON.parse(readFileSync(new URL(name, import.meta.url), 'utf8'));

/** @type {OldWord[]} */
export const oldWords = readJson('./old-words.json');

/** Projects in which old words are still found. The list only grows shorter. @type {string[]} */
export const notYetClean = readJson('./not-yet-clean.json');

/** Microsoft's own words, the list of the old ones with what is said about it, and a contract that is not ours to word. */
const isExempt = (file) => /^docs\/reference\/|^tools\/checks\//.test(file);

/** Finds old words in all files that people write. @returns {Found[]} */
export function oldWordsInRepository(root = repositoryDir, words = oldWords) {
  return writtenFiles(root)
    .filter((file) => !isExempt(file))
    .flatMap((file) => oldWordsIn(file, readFileSync(join(root, file), 'utf8'), words));
}

/** Finds old words in the text and in the name of one file. @returns {Found[]} */
export function oldWordsIn(file, text, words = oldWords) {
  const project = projectOf(file);
  const lower = `${file}\n${text}`.toLowerCase();
  const candidates = words.filter(
    (word) =>
      (word.in?.includes(project) ?? true) &&
      !word.notIn?.includes(project) &&
      (word.old?.some((one) => lower.includes(firstWord(one))) ?? true),
  );
  const lines = text.split('\n');
  const names = namesByLine(file, text, lines, candidates);
  const found = candidates.flatMap((word) => [
    ...inPath(file, project, word).map((old) => ({ file, line: 0, old, new: word.new })),
    ...lines.flatMap((line, index) =>
      inLine(line, names.get(index) ?? [], word).map((old) => ({ file, line: index + 1, old, new: word.new })),
    ),
  ]);
  return found.sort((one, other) => one.line - other.line);
}

function inPath(file, project, { old, path }) {
  const within = file.slice(project === '.' ? 0 : project.length);
  if (path) return within.match(new RegExp(path))?.slice(0, 1) ?? [];
  return old ? phrasesIn(within, old).map(({ match }) => match) : [];
}

function inLine(line, names, { old, names: exact, pattern, only, free = [] }) {
  if (exact) return names.filter(({ name }) => exact.includes(name)).map(({ name }) => name);
  if (!pattern && !old) return [];
  const places = pattern
    ? [...line.matchAll(new RegExp(pattern, 'g'))].map(({ 0: match, index }) => ({ match, index }))
    : only === 'code'
      ? names.flatMap(({ name, column }) => phrasesIn(name, old).map(({ match, index }) => ({ match, index: column + index })))
      : phrasesIn(line, old);
  const spared = free.flatMap((one) =>
    [...line.matchAll(new RegExp(one, 'gi'))].map((match) => [match.index, match.index + match[0].length]),
  );
  return places
    .filter(({ match, index }) => !spared.some(([from, to]) => from <= index && index + match.length <= to))
    .map(({ match, index }) => nameAround(line, index, match));
}

const firstWord = (phrase) => phrase.split(' ', 1)[0];

/** Where a phrase stands, in whatever way its words are joined. */
function phrasesIn(text, phrases) {
  if (!phrases.some((phrase) => text.toLowerCase().includes(firstWord(phrase)))) return [];
  const words = [...text.matchAll(/\p{Lu}+(?!\p{Ll})|\p{Lu}?\p{Ll}+/gu)].map(({ 0: word, index }) => ({
    word: word.toLowerCase(),
    from: index,
    to: index + word.length,
  }));
  return phrases.flatMap((phrase) => {
    const wanted = phrase.split(' ');
    return words.flatMap(({ from }, start) => {
      const part = words.slice(start, start + wanted.length);
      const isThere =
        part.length === wanted.length &&
        part.every(
          ({ word, from: begins }, index) =>
            word === wanted[index] && (index === 0 || /^[ ._-]?$/.test(text.slice(part[index - 1].to, begins))),
        );
      return isThere ? [{ match: text.slice(from, part.at(-1).to), index: from }] : [];
    });
  });
}

/** The whole name of which a word is a part, which is what a reader looks for: `laneOf`, not `lane`. */
function nameAround(line, index, match) {
  const before = /[\w$]*$/.exec(line.slice(0, index))[0];
  const after = /^[\w$]*/.exec(line.slice(index + match.length))[0];
  return before + match + after;
}

/** Parses only where a name is looked for whose letters are there at all. */
function namesByLine(file, text, lines, words) {
  const needed = words.some(({ names, only }) => names?.some((name) => text.includes(name)) || only);
  const byLine = new Map();
  if (!needed) return byLine;
  const starts = [0];
  for (const line of lines) starts.push(starts.at(-1) + line.length + 1);
  let line = 0;
  for (const { name, offset } of namesIn(file, text).sort((one, other) => one.offset - other.offset)) {
    while (starts[line + 1] <= offset) line++;
    byLine.set(line, [...(byLine.get(line) ?? []), { name, column: offset - starts[line] }]);
  }
  return byLine;
}
