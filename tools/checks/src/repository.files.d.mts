export const repositoryDir: string;
export function writtenFiles(root?: string): string[];
export function projectOf(path: string): string;
