#!/usr/bin/env node
/**
 * `node tools/checks/old-words.mjs [--all] [project …]` prints each place where an old word stands, with the new one, and ends with 1 if there is one.
 * Without arguments it leaves out the projects of `not-yet-clean.json`; `--all` takes all of them, and ends with how many are left in each. It ends with 2 where
 * a project is asked for that has no files.
 */
import { projectOf, writtenFiles } from './src/repository.files.mjs';
import { notYetClean, oldWordsInRepository } from './src/words/old-words.mjs';

const args = process.argv.slice(2);
const projects = args.filter((arg) => arg !== '--all').map((arg) => arg.replace(/\/$/, ''));
const isAsked = (project) => (projects.length > 0 ? projects.includes(project) : args.includes('--all') || !notYetClean.includes(project));

const known = [...new Set(writtenFiles().map(projectOf))].sort();
const unknown = projects.filter((project) => !known.includes(project));
if (unknown.length > 0) {
  const named = unknown.map((project) => `"${project}"`).join(', ');
  console.error(`There is no file in the project ${named}. The projects are ${known.join(', ')}.`);
  process.exit(2);
}

const found = oldWordsInRepository().filter(({ file }) => isAsked(projectOf(file)));
for (const { file, line, old, new: instead } of found) console.log(`${line ? `${file}:${line}` : file}  ${old} -> ${instead}`);

const counts = new Map();
for (const { file } of found) counts.set(projectOf(file), (counts.get(projectOf(file)) ?? 0) + 1);
for (const [project, count] of counts) console.log(`${String(count).padStart(6)}  ${project}`);
process.exitCode = found.length > 0 ? 1 : 0;
