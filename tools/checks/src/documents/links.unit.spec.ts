import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { repositoryDir, writtenFiles } from '../repository.files.mjs';

const pages = writtenFiles().filter((file) => file.endsWith('.md'));

/** Not what is shown as code. */
const linksOf = (text: string) =>
  [...text.replace(/```[^]*?```/g, '').matchAll(/\]\(([^)#\s]+)/g)].map(([, link]) => link!).filter((link) => !/^[a-z]+:/.test(link));

it('each link of a page leads to a file that is there', () => {
  const broken = pages.flatMap((file) =>
    linksOf(readFileSync(join(repositoryDir, file), 'utf8'))
      .filter((link) => !existsSync(join(repositoryDir, dirname(file), link)))
      .map((link) => `${file}: ${link}`),
  );
  expect(pages.length).toBeGreaterThan(50);
  expect(broken).toEqual([]);
});
