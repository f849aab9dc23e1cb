import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryDir, writtenFiles } from '../repository.files.mjs';

const read = (file: string) => readFileSync(join(repositoryDir, file), 'utf8');
const files = writtenFiles();
const pages = files.filter((file) => /^docs\/runbooks\/\w+\.md$/.test(file)).map((file) => [file, read(file)] as const);
const code = files
  .filter((file) => /\/src\/.*\.ts$/.test(file) && !file.endsWith('.spec.ts'))
  .map(read)
  .join('\n');

const literally = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
/** Of the words, not of the query in PromQL. */
const quotedIn = (page: string) =>
  [...page.replace(/```[^]*?```/g, '').matchAll(/`([^`\n]+)`/g)].map(([, words]) => words!).filter((words) => !words.endsWith(')'));

describe('the runbooks', () => {
  it('quote log lines that the code says, with … for what differs each time', () => {
    const isLogLine = (words: string) => words.includes(' ') && !/^(?:GET|POST) |[{=]/.test(words);
    const lines = [...new Set(pages.flatMap(([, page]) => quotedIn(page)).filter(isLogLine))];
    const texts = lines.map((line) => [line, new RegExp(line.split('…').map(literally).join('[^\\n]*'))] as const);
    expect(lines.length).toBeGreaterThan(10);
    expect(texts.filter(([, text]) => !text.test(code)).map(([line]) => line)).toEqual([]);
  });

  it('name settings that there are', () => {
    const settings = read('docs/reference/settings.md');
    const named = [
      ...new Set(pages.flatMap(([, page]) => quotedIn(page)).filter((words) => /^[A-Z]+(?:_[A-Z]+)+$|^REGISTRATIONS$/.test(words))),
    ];
    expect(named.length).toBeGreaterThan(5);
    expect(named.filter((name) => !settings.includes(`| \`${name}\` |`))).toEqual([]);
  });
});
