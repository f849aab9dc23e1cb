import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryDir, writtenFiles } from '../repository.files.mjs';

const document = 'docs/explanation/when-things-fail.md';

const read = (file: string) => readFileSync(join(repositoryDir, file), 'utf8');

/** The lines of the tables without heads and rulers, each as its cells. */
const rows = read(document)
  .split('\n')
  .filter((line) => line.startsWith('| ') && !/^\| (failure|-+)\s/.test(line))
  .map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );

const code = writtenFiles()
  .filter((file) => /\/src\/.*\.ts$/.test(file) && !file.endsWith('.spec.ts'))
  .map(read)
  .join('\n');

const literally = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
const quotedIn = (text: string) => [...text.matchAll(/`([^`]+)`/g)].map(([, words]) => words!);

describe('the tables of what fails', () => {
  it.each(rows.map((row) => [row[0]!, row] as const))('tell everything about: %s', (_, row) => {
    expect(row).toHaveLength(5);
    expect(row.filter((cell) => cell === '')).toEqual([]);
  });

  it.each(rows.map((row) => [row[0]!, row.at(-1)!] as const))('lead to a test that is there: %s', (_, shownBy) => {
    const tests = quotedIn(shownBy);
    expect(tests.length).toBeGreaterThan(0);
    expect(tests.filter((file) => !/\.spec\.ts$/.test(file) || !existsSync(join(repositoryDir, file)))).toEqual([]);
  });

  it('quote what the code says, with … for what differs each time', () => {
    const isLogLine = (words: string) => words.includes(' ') && !/^(?:npm|GET|POST) |^[a-z_]+\{|^[\w-]+ --/.test(words);
    const lines = [...new Set(rows.flatMap((row) => quotedIn(row[2]!)))].filter(isLogLine);
    const texts = lines.map((line) => [line, new RegExp(line.split('…').map(literally).join('[^\\n]*'))] as const);
    expect(lines.length).toBeGreaterThan(10);
    expect(texts.filter(([, text]) => !text.test(code)).map(([line]) => line)).toEqual([]);
  });

  it('name metrics that are measured', () => {
    const metrics = [...new Set(quotedIn(read(document)).flatMap((words) => /^[a-z]+(?:_[a-z]+)+/.exec(words)?.[0] ?? []))].filter((name) =>
      /_(?:total|seconds|rows)$/.test(name),
    );
    expect(metrics.length).toBeGreaterThan(5);
    expect(metrics.filter((name) => !code.includes(`'${name}'`))).toEqual([]);
  });
});
